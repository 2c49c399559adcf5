-- Forgets changes that were made before a time, from the oldest on and no further than the first that stays. Returns how many.
-- KEYS: changes, changes of each, the last forgotten. ARGV: the time, how many at most.

local before, gone, last = tonumber(ARGV[1]), {}, nil
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', ARGV[2])) do
  if tonumber(entry[2][4]) >= before then break end
  last = string.match(entry[1], '%d+')
  gone[#gone + 1] = entry[2][2] .. string.format(' %020d', last)
end
if last then
  redis.call('ZREM', KEYS[2], unpack(gone))
  redis.call('XTRIM', KEYS[1], 'MINID', last .. '-1')
  redis.call('SET', KEYS[3], last)
end
return #gone
