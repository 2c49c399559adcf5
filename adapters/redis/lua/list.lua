-- Reads the records of some groups in the order of an index, merged.
-- KEYS: bodies, heads, index. ARGV: how many, `up` or `down`, and for each group: its start, the least and the largest mark.

local limit, down = tonumber(ARGV[1]), ARGV[2] == 'down'
local found = {}
for each = 3, #ARGV, 3 do
  local group, least, largest = ARGV[each], ARGV[each + 1], ARGV[each + 2]
  local marks
  if down then
    marks = redis.call('ZRANGE', KEYS[3], largest, least, 'BYLEX', 'REV', 'LIMIT', 0, limit)
  else
    marks = redis.call('ZRANGE', KEYS[3], least, largest, 'BYLEX', 'LIMIT', 0, limit)
  end
  for _, mark in ipairs(marks) do found[#found + 1] = string.sub(mark, #group + 1) end
end
if #ARGV > 5 then  -- those of one group are in order already
  table.sort(found, function(one, other) if down then return one > other end return one < other end)
end

local rows = {}
for each = 1, math.min(limit, #found) do
  local id = string.match(found[each], ' (%Z+)')
  rows[each] = row_of(KEYS[1], id, head_of(KEYS[2], id))
end
return rows
