-- Keeps a record over the version before it, or as a new one. Returns nothing, or what is kept instead: empty if there is none.
-- KEYS: bodies, heads, taken, due, each further index; and where there is a feed: its number, changes, changes of each.
-- ARGV: id, the version that must be kept (empty: none), version, due, group, body, the mark in each further index.

local id, over, version, due, group, body = unpack(ARGV, 1, 6)
local kept = head_of(KEYS[2], id)
if (kept and kept.version or '') ~= over then
  return kept and row_of(KEYS[1], id, kept) or {}
end

local before = kept or {due = '', taken = '', marks = {}}
local head = {version = version, due = due, group = group, taken = '', marks = {unpack(ARGV, 7)}}
local feed = 5 + #head.marks
redis.call('HSET', KEYS[1], id, body)
keep_head(KEYS[2], id, head)
give_back(KEYS[3], before)
move(KEYS[4], due_mark(before, id), due_mark(head, id))
for each, mark in ipairs(head.marks) do
  move(KEYS[4 + each], before.marks[each] or '', mark)
end
tell(KEYS[feed], KEYS[feed + 1], KEYS[feed + 2], id)
