-- Forgets a record, if it is there. KEYS as those of a change; ARGV: id.

local id = ARGV[1]
local head = head_of(KEYS[2], id)
if not head then return end

local feed = 5 + #head.marks
redis.call('HDEL', KEYS[1], id)
redis.call('HDEL', KEYS[2], id)
give_back(KEYS[3], head)
move(KEYS[4], due_mark(head, id), '')
for each, mark in ipairs(head.marks) do
  move(KEYS[4 + each], mark, '')
end
tell(KEYS[feed], KEYS[feed + 1], KEYS[feed + 2], id)
