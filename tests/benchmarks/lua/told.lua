-- Tells what came of a load as one line of JSON: latencies in microseconds, and what went wrong by its kind.

function done(summary, latency)
  local wrong = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "microseconds": %d, "bytes": %d, "p50": %f, "p99": %f, ' ..
    '"connect": %d, "read": %d, "write": %d, "status": %d, "timeout": %d}\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    wrong.connect, wrong.read, wrong.write, wrong.status, wrong.timeout
  ))
end
