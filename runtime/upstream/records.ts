/**
 * Answers that are a sequence of records: server-sent events (WHATWG HTML section 9.2), lines of JSON, and JSON text
 * sequences (RFC 7464). A record is what one event says in its `data`, or one line, or one text of a sequence; names, ids
 * and comments of events are none of it. All of them are UTF-8. A text of a sequence may have lines, and so it is known to
 * be whole when the next one begins.
 */

import { createParser } from 'eventsource-parser';

import { essence } from './media-type.js';

const LINES = /^application\/(.*[+.-])?(ndjson|jsonl|jsonlines)$/;
const EVENTS = 'text/event-stream';
const SEQUENCE = 'application/json-seq';

/** Whether an answer of this type is a sequence of records. */
export function isStream(contentType: string): boolean {
  const type = essence(contentType);
  return type === EVENTS || type === SEQUENCE || LINES.test(type);
}

/** Whether its records are server-sent events. */
export function isEvents(contentType: string): boolean {
  return essence(contentType) === EVENTS;
}

/** What a server-sent event says of itself, beside its data. */
export interface EventFields {
  readonly event?: string | undefined;
  readonly id?: string | undefined;
}

type OnRecord = (record: string, fields: EventFields) => void;

const NO_FIELDS: EventFields = {};

export interface RecordReader {
  /** Takes the next piece of the text, wherever it was cut. */
  feed(text: string): void;
  /** The answer is whole: what stands behind the last separator is a record too. */
  end(): void;
}

/**
 * @param contentType of a stream.
 * @param onRecord is handed the text of each record as soon as it is whole; of an empty one never.
 * @param mostHeld characters of a record that is not whole yet; where there would be more, reading ends.
 */
export function recordReader(
  contentType: string,
  onRecord: OnRecord,
  mostHeld = Number.POSITIVE_INFINITY,
): RecordReader {
  const type = essence(contentType);
  return type === EVENTS
    ? eventReader(onRecord, mostHeld)
    : separatedReader(type === SEQUENCE ? '\x1e' : '\n', onRecord, mostHeld);
}

function eventReader(onRecord: OnRecord, mostHeld: number): RecordReader {
  let ended = false;
  const parser = createParser({
    onEvent: ({ data, event, id }) => {
      if (data.trim() !== '') onRecord(data, { event, id });
    },
    maxBufferSize: mostHeld,
    onError: ({ type }) => {
      // All others tell of fields that mean nothing, which are passed over.
      if (type === 'max-buffer-size-exceeded') ended = true;
    },
  });
  return {
    feed: (text) => {
      if (!ended) parser.feed(text);
    },
    end: () => {
      if (!ended) parser.feed('\n\n');
    },
  };
}

function separatedReader(separator: string, onRecord: OnRecord, mostHeld: number): RecordReader {
  let held: string[] = [];
  let heldLength = 0;
  const take = (record: string): void => {
    const trimmed = record.trim();
    if (trimmed !== '') onRecord(trimmed, NO_FIELDS);
  };
  return {
    feed: (text) => {
      if (heldLength > mostHeld) return;
      let from = 0;
      for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, from)) {
        held.push(text.slice(from, at));
        take(held.length === 1 ? held[0]! : held.join(''));
        held = [];
        heldLength = 0;
        from = at + 1;
      }
      held.push(text.slice(from));
      heldLength += text.length - from;
    },
    end: () => {
      if (heldLength <= mostHeld) take(held.join(''));
    },
  };
}
