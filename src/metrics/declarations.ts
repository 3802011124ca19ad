import type { MetricDeclaration } from './declaration.js';

/** Seconds, from a ping to the default of --lock-timeout. */
const requestBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30];
const lockBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30];
const publishBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];
/** Changes, up to the most writers of a batch. */
const batchBuckets = [1, 2, 4, 8, 16, 32, 64, 128];
/** Seconds, up to the time that a plugin gets. */
const pluginBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

const requestLabels = {
  dialect: '`compat`, `libpod-v3`, `libpod-v4`, `podnetd`',
  operation: 'the `operationId` of the OpenAPI document; `unknown` without a route',
};
const pluginLabels = {
  plugin: 'the name of a plugin that is installed; `unknown` for any other',
  command: '`ADD`, `DEL`',
};

/** Every metric, in the order of a scrape. */
export const metricDeclarations = {
  build: {
    name: 'podnetd_build_info',
    type: 'gauge',
    help: 'Always 1; the labels name the build of podnetd and the Node.js that runs it',
    labels: { version: 'of podnetd', commit: 'of its source', node: 'version of Node.js' },
  },
  networks: {
    name: 'podnetd_networks',
    type: 'gauge',
    help: 'Networks that a list shows',
    labels: {
      driver: '`bridge`, `macvlan`, `ipvlan`; `other`',
      owner: '`own`: podnetd or Podman writes such files; `foreign`: other programs do',
    },
  },
  problems: {
    name: 'podnetd_conflist_problems',
    type: 'gauge',
    help: 'Files in the folder of networks that podnetd cannot use',
    labels: {},
  },
  poolBlocks: {
    name: 'podnetd_pool_blocks',
    type: 'gauge',
    help: 'Blocks of each pool that subnets come from, each counted in one state',
    labels: {
      pool: 'base of a pool of the settings',
      size: 'length of its blocks',
      state: '`used`, `reserved`, `blocked`, `free`',
    },
  },
  fleetBlocks: {
    name: 'podnetd_fleet_blocks',
    type: 'gauge',
    help: 'Blocks of the fleet that this host has',
    labels: {
      pool: 'base of a pool of the fleet',
      state: '`own`; `releasing`: it goes back soon; `lost`: another host has it now',
    },
  },
  fleetCollisions: {
    name: 'podnetd_fleet_collisions',
    type: 'gauge',
    help: 'Networks of this host in blocks of other hosts of the fleet',
    labels: {},
  },
  fleetStoreUp: {
    name: 'podnetd_fleet_store_up',
    type: 'gauge',
    help: 'Whether the store of the fleet answers: 1, else 0',
    labels: {},
  },
  fleetClaims: {
    name: 'podnetd_fleet_claims_total',
    type: 'counter',
    help: 'Claims of blocks by their outcome; another try follows a lost race',
    labels: { outcome: '`claimed`, `owned`, `full`, `unreachable`, `refused`, `lost-race`' },
  },
  fleetRequests: {
    name: 'podnetd_fleet_requests_total',
    type: 'counter',
    help: 'Requests to the store of the fleet',
    labels: { code: 'the HTTP status; `none` without an answer' },
  },
  addresses: {
    name: 'podnetd_network_addresses',
    type: 'gauge',
    help: 'Addresses of the networks of host-local; only while per_network is true',
    labels: { network: 'its name', family: '`4`, `6`', state: '`in_use`, `available`' },
  },
  attachments: {
    name: 'podnetd_attachments',
    type: 'gauge',
    help: 'Interfaces of containers; unfinished ones may count in another state too',
    labels: {
      state: '`live`, `dead`: the namespace is gone, and DEL never came; `unfinished`: an ADD or DEL has begun',
    },
  },
  eventStreams: {
    name: 'podnetd_event_streams',
    type: 'gauge',
    help: 'Streams of events that clients follow now',
    labels: {},
  },
  requests: {
    name: 'podnetd_requests_total',
    type: 'counter',
    help: 'Requests that podnetd answered',
    labels: { ...requestLabels, code: 'the HTTP status' },
  },
  requestDuration: {
    name: 'podnetd_request_duration_seconds',
    type: 'histogram',
    help: 'Time from the head of a request to the end of its answer; a stream of events counts when it ends',
    labels: requestLabels,
    buckets: requestBuckets,
  },
  lockWait: {
    name: 'podnetd_lock_wait_seconds',
    type: 'histogram',
    help: 'Time that a batch of changes waited for the locks that other programs share, also in vain',
    labels: {},
    buckets: lockBuckets,
  },
  publishDuration: {
    name: 'podnetd_publish_duration_seconds',
    type: 'histogram',
    help: 'Time that a batch of changes took to become durable',
    labels: {},
    buckets: publishBuckets,
  },
  batchSize: {
    name: 'podnetd_batch_size',
    type: 'histogram',
    help: 'Changes of files that shared one wait for the disk',
    labels: {},
    buckets: batchBuckets,
  },
  pluginDuration: {
    name: 'podnetd_plugin_duration_seconds',
    type: 'histogram',
    help: 'Time that a run of a CNI plugin took',
    labels: pluginLabels,
    buckets: pluginBuckets,
  },
  pluginFailures: {
    name: 'podnetd_plugin_failures_total',
    type: 'counter',
    help: 'Runs of CNI plugins that failed',
    labels: pluginLabels,
  },
  processCpu: {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'Time of processors that podnetd used, in user and kernel mode',
    labels: {},
  },
  processStart: {
    name: 'process_start_time_seconds',
    type: 'gauge',
    help: 'Start of podnetd, in seconds since 1970',
    labels: {},
  },
  processResident: {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Memory of podnetd that is resident',
    labels: {},
  },
  processVirtual: {
    name: 'process_virtual_memory_bytes',
    type: 'gauge',
    help: 'Memory of podnetd that is mapped',
    labels: {},
  },
  processOpenDescriptors: {
    name: 'process_open_fds',
    type: 'gauge',
    help: 'Open file descriptors of podnetd',
    labels: {},
  },
  processMaxDescriptors: {
    name: 'process_max_fds',
    type: 'gauge',
    help: 'File descriptors that podnetd may have open',
    labels: {},
  },
  heapUsed: {
    name: 'nodejs_heap_size_used_bytes',
    type: 'gauge',
    help: 'Memory of the JavaScript heap that objects use',
    labels: {},
  },
  heapSize: {
    name: 'nodejs_heap_size_total_bytes',
    type: 'gauge',
    help: 'Size of the JavaScript heap',
    labels: {},
  },
  eventLoop: {
    name: 'podnetd_event_loop_seconds_total',
    type: 'counter',
    help: 'Time that the event loop worked, and that it waited',
    labels: { state: '`active`, `idle`' },
  },
} as const satisfies Readonly<Record<string, MetricDeclaration>>;
