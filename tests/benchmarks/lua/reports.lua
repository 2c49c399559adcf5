-- Reports each job of a file as complete, once. Where there are no more, it interrupts wrk. Arguments: the file, the secret.
-- One thread only: each would begin with the first job.

dofile(debug.getinfo(1, 'S').source:match('^@(.*/)') .. 'told.lua')
local ffi = require 'ffi'
ffi.cdef 'int getpid(void); int kill(int process, int signal);'
local INTERRUPTED = 2

local jobs, at, head, tail = {}, 0, nil, nil

function init(arguments)
  for job in io.lines(arguments[1]) do jobs[#jobs + 1] = job end
  local named = string.rep('x', #jobs[1])
  local headers = {['Authorization'] = 'Bearer ' .. arguments[2], ['Content-Type'] = 'application/json'}
  for name, value in pairs(wrk.headers) do headers[name] = value end
  local whole = wrk.format('POST', nil, headers, '{"jobId": "' .. named .. '", "status": "complete"}')
  local from, to = whole:find(named, 1, true)
  head, tail = whole:sub(1, from - 1), whole:sub(to + 1)
end

function request()
  -- The first call is wrk's own: it looks at what it gets, and sends nothing.
  local job = jobs[math.max(at, 1)]
  at = at + 1
  if job then return head .. job .. tail end
  if at == #jobs + 2 then ffi.C.kill(ffi.C.getpid(), INTERRUPTED) end
  return ''
end
