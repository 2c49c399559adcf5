-- What the scripts of records have in common. A head is what is asked for of a record: `version`, `due` (empty: never), `group` (it
-- is due among these), `taken` (by which request; empty: none) and `marks` (what it stands under in each further index; empty: not).

local function head_of(heads, id)
  local packed = redis.call('HGET', heads, id)
  return packed and cmsgpack.unpack(packed)
end

local function keep_head(heads, id, head)
  redis.call('HSET', heads, id, cmsgpack.pack(head))
end

local function row_of(bodies, id, head)
  return {id, head.version, head.due, redis.call('HGET', bodies, id)}
end

local function due_mark(head, id)
  return head.due ~= '' and head.group .. head.due .. ' ' .. id or ''
end

local function move(index, before, now)
  if before == now then return end
  if before ~= '' then redis.call('ZREM', index, before) end
  if now ~= '' then redis.call('ZADD', index, 0, now) end
end

local function give_back(taken, head)
  if head.taken ~= '' then redis.call('HDEL', taken, head.taken) end
end

-- Gives the change of a record a number: the time in microseconds, but above the last. A server that has lost its last changes thereby
-- does not give their numbers again. Without a feed there is no such key.
local function tell(number_key, changes, of_each, id)
  if not number_key then return end
  local time = redis.call('TIME')
  local made = time[1] * 1000000 + time[2]
  local number = string.format('%d', math.max(made, (redis.call('GET', number_key) or 0) + 1))
  redis.call('SET', number_key, number)
  redis.call('XADD', changes, number .. '-0', 'id', id, 'made', string.format('%d', made))
  redis.call('ZADD', of_each, 0, id .. string.format(' %020d', number))
end
