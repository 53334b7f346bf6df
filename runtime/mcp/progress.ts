export interface ProgressNotification {
  readonly method: 'notifications/progress';
  readonly params: { readonly progressToken: string | number; readonly progress: number; readonly message: string };
}

/** Progress in messages, of which nobody knows how many there will be (MCP, "Progress"). */
export function progressOf(
  progressToken: string | number,
  notify: (notification: ProgressNotification) => void,
): (message: string) => void {
  let progress = 0;
  return (message) => {
    progress += 1;
    notify({ method: 'notifications/progress', params: { progressToken, progress, message } });
  };
}
