-- Gives a request the record it has taken already, or else the most overdue of the groups. Where there is none, nothing is written.
-- KEYS: bodies, heads, taken, due. ARGV: request, now, until, the groups.

local request, now, untl = ARGV[1], ARGV[2], ARGV[3]
local held = redis.call('HGET', KEYS[3], request)
if held then return row_of(KEYS[1], held, head_of(KEYS[2], held)) end

local first
for each = 4, #ARGV do
  local group = ARGV[each]
  local found = redis.call('ZRANGE', KEYS[4], '[' .. group, '(' .. group .. now .. '!', 'BYLEX', 'LIMIT', 0, 1)[1]
  local rest = found and string.sub(found, #group + 1)
  if rest and (not first or rest < first) then first = rest end
end
if not first then return end

local id = string.match(first, ' (.*)$')
local head = head_of(KEYS[2], id)
local before = due_mark(head, id)
give_back(KEYS[3], head)
head.due, head.taken, head.version = untl, request, string.format('%d', head.version + 1)
keep_head(KEYS[2], id, head)
redis.call('HSET', KEYS[3], request, id)
move(KEYS[4], before, due_mark(head, id))
return row_of(KEYS[1], id, head)
