-- Reads the changes after a number; nothing if not all of them are known: they are after a number that is there, or that is the last
-- of those forgotten. Any other was never given, or its change was lost with all after it.
-- KEYS: changes, changes of each, the last forgotten. ARGV: after which, how many, of which record (empty: of all).

local after, limit, id = ARGV[1], ARGV[2], ARGV[3]
local place = after .. '-0'
if after ~= (redis.call('GET', KEYS[3]) or '0') and not redis.call('XRANGE', KEYS[1], place, place)[1] then return end

local told = {}
if id == '' then
  for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '(' .. place, '+', 'COUNT', limit)) do
    told[#told + 1] = {string.match(entry[1], '%d+'), entry[2][2]}
  end
else
  local least = '(' .. id .. string.format(' %020d', after)
  for _, mark in ipairs(redis.call('ZRANGE', KEYS[2], least, '(' .. id .. '!', 'BYLEX', 'LIMIT', 0, limit)) do
    told[#told + 1] = {string.sub(mark, #id + 2), id}
  end
end
return told
