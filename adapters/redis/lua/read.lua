-- Reads the records that are there. KEYS: bodies, heads. ARGV: their ids.

local rows = {}
for _, id in ipairs(ARGV) do
  local head = head_of(KEYS[2], id)
  if head then rows[#rows + 1] = row_of(KEYS[1], id, head) end
end
return rows
