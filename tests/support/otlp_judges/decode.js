// Reads requests in protobuf, each a line of base64, by the code that OpenTelemetry generates for Node, and writes
// each as a line of JSON.
'use strict';
const readline = require('node:readline');
const root = require('@opentelemetry/otlp-transformer/build/src/generated/root');

const collector = root.opentelemetry.proto.collector;
const MESSAGES = {
  traces: collector.trace.v1.ExportTraceServiceRequest,
  metrics: collector.metrics.v1.ExportMetricsServiceRequest,
  logs: collector.logs.v1.ExportLogsServiceRequest,
};

const message = MESSAGES[process.argv[2]];
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const decoded = message.decode(Buffer.from(line, 'base64'));
  process.stdout.write(`${JSON.stringify(message.toObject(decoded, { longs: String, bytes: String }))}\n`);
});
