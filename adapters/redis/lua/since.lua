-- Reads the changes after a number; nothing if not all of them are known.
-- KEYS: number, changes, changes of each. ARGV: after which, how many, of which record (empty: of all).

local after, limit, id = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local newest = tonumber(redis.call('GET', KEYS[1]) or '0')
local oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
local forgotten = oldest and tonumber(string.match(oldest[1], '%d+')) - 1 or newest
if after < forgotten or after > newest then return end

local told = {}
if id == '' then
  for _, entry in ipairs(redis.call('XRANGE', KEYS[2], '(' .. ARGV[1] .. '-0', '+', 'COUNT', limit)) do
    told[#told + 1] = {string.match(entry[1], '%d+'), entry[2][2]}
  end
else
  local least = '(' .. id .. string.format(' %020d', after)
  for _, mark in ipairs(redis.call('ZRANGE', KEYS[3], least, '(' .. id .. '!', 'BYLEX', 'LIMIT', 0, limit)) do
    told[#told + 1] = {string.sub(mark, #id + 2), id}
  end
end
return told
