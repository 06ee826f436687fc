-- The end of a run, as one JSON line that starts with "result ": counts, errors, latencies in
-- microseconds. Each script of this directory loads it.

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      'result {"requests": %d, "seconds": %.6f, "refused": %d, "broken": %d, ' ..
      '"p50_us": %d, "p99_us": %d, "max_us": %d, "bytes": %d}\n',
      summary.requests, summary.duration / 1e6, errors.status,
      errors.connect + errors.read + errors.write + errors.timeout,
      latency:percentile(50), latency:percentile(99), latency.max, summary.bytes))
end
