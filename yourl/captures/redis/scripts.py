"""What runs inside Redis, each script as one step that nothing interrupts; and the names of the keys.

The index of all captures lies in one hash slot, so that it has one order and one total; what is large, the
details and bodies, lies in a slot of its inbox, so that the nodes of a cluster share it.

Index keys begin with ``yourl:{captures}:``. They are ``feed``, a stream of all captures; ``in:<inbox>``, a
stream with the same ids for each inbox; ``total``, a hash; ``sizes``, ``counts``, ``lasts``, sorted sets of
inboxes; ``evicted``, ``devices``, ``rules``, ``turns``, hashes; ``event:<key>``, counters; ``ended``, ended
sessions by the time they expire, where an empty one stands for all that expire no later. The number in a
stream's id is the sequence number of the capture's id.
"""

from __future__ import annotations

INDEX = "yourl:{captures}:"
CHANNEL = "yourl:captures"
"""Where each stored capture is published."""


def content_key(inbox: str, tail: int) -> str:
    """The key of a capture's details and body."""
    return f"yourl:{{{inbox}}}:{tail:016x}"


_COMMON = """
local p = 'yourl:{captures}:'
local gone = {}

local function fields_of(entry)
  local found = {}
  for i = 1, #entry[2], 2 do found[entry[2][i]] = entry[2][i + 1] end
  return found
end

local function drop(id)
  local entry = redis.call('XRANGE', p .. 'feed', id, id)[1]
  if not entry then return 0 end
  local f = fields_of(entry)
  redis.call('XDEL', p .. 'feed', entry[1])
  redis.call('XDEL', p .. 'in:' .. f.inbox, entry[1])
  redis.call('HINCRBY', p .. 'total', 'count', -1)
  redis.call('HINCRBY', p .. 'total', 'size', -f.cost)
  redis.call('ZINCRBY', p .. 'sizes', -f.cost, f.inbox)
  if redis.call('HINCRBY', p .. 'devices', f.inbox .. ' ' .. f.device, -1) <= 0 then
    redis.call('HDEL', p .. 'devices', f.inbox .. ' ' .. f.device)
  end
  if tonumber(redis.call('ZINCRBY', p .. 'counts', -1, f.inbox)) <= 0 then
    for _, key in ipairs({'counts', 'sizes', 'lasts'}) do redis.call('ZREM', p .. key, f.inbox) end
    redis.call('DEL', p .. 'in:' .. f.inbox)
    if redis.call('HEXISTS', p .. 'rules', f.inbox) == 0 then
      redis.call('HDEL', p .. 'evicted', f.inbox)
      redis.call('HDEL', p .. 'turns', f.inbox)
    end
  end
  gone[#gone + 1] = f.inbox .. ' ' .. f.tail
  return 1
end

local function evict(inbox)
  local oldest = redis.call('XRANGE', p .. 'in:' .. inbox, '-', '+', 'COUNT', 1)[1]
  if not oldest then return false end
  drop(oldest[1])
  redis.call('HINCRBY', p .. 'total', 'evicted', 1)
  if redis.call('ZSCORE', p .. 'counts', inbox) then redis.call('HINCRBY', p .. 'evicted', inbox, 1) end
  return true
end

-- The inbox that gives way to a new one, see Bounds.inboxes: no rules, then few requests, then long idle.
local function least_inbox()
  local counts = redis.call('ZRANGE', p .. 'counts', 0, -1, 'WITHSCORES')
  local least, has_rules, count, last
  for i = 1, #counts, 2 do
    local ruled = redis.call('HEXISTS', p .. 'rules', counts[i])
    local own = tonumber(counts[i + 1])
    if least and has_rules == 0 and own > count then break end
    local at = tonumber(redis.call('ZSCORE', p .. 'lasts', counts[i]))
    if not least or ruled < has_rules
      or (ruled == has_rules and (own < count or (own == count and at < last))) then
      least, has_rules, count, last = counts[i], ruled, own, at
    end
  end
  return least
end
"""

# ARGV: inbox, tail, cost, device, summary, channel, then the bounds: count, size, inbox count, inbox size,
# inboxes, steps, microseconds after which contents have expired. Answers the sequence number and the contents
# that made room, each as "inbox tail".
PUT = (
    _COMMON
    + """
local inbox, cost = ARGV[1], tonumber(ARGV[3])
local now = redis.call('TIME')
local seq = now[1] * 1000000 + now[2]
local last = tonumber(redis.call('HGET', p .. 'total', 'last') or '0')
if seq <= last then seq = last + 1 end
local id = string.format('%.0f', seq)
local steps = tonumber(ARGV[12])

local oldest = redis.call('XRANGE', p .. 'feed', '-', '+', 'COUNT', 1)[1]
while oldest and steps > 0 and tonumber(string.match(oldest[1], '%d+')) < seq - tonumber(ARGV[13]) do
  drop(oldest[1])
  steps = steps - 1
  oldest = redis.call('XRANGE', p .. 'feed', '-', '+', 'COUNT', 1)[1]
end

if not redis.call('ZSCORE', p .. 'counts', inbox) then
  while redis.call('ZCARD', p .. 'counts') >= tonumber(ARGV[11]) and steps > 0 do
    if not evict(least_inbox()) then break end
    steps = steps - 1
  end
end

redis.call('XADD', p .. 'feed', id .. '-0', 'inbox', inbox, 'tail', ARGV[2], 'cost', ARGV[3],
  'device', ARGV[4], 'summary', ARGV[5])
redis.call('XADD', p .. 'in:' .. inbox, id .. '-0', '', '')
redis.call('HSET', p .. 'total', 'last', id)
local count = redis.call('HINCRBY', p .. 'total', 'count', 1)
local size = redis.call('HINCRBY', p .. 'total', 'size', cost)
local own = tonumber(redis.call('ZINCRBY', p .. 'counts', 1, inbox))
local own_size = tonumber(redis.call('ZINCRBY', p .. 'sizes', cost, inbox))
redis.call('ZADD', p .. 'lasts', id, inbox)
redis.call('HINCRBY', p .. 'devices', inbox .. ' ' .. ARGV[4], 1)

while steps > 0 and own > 1 and (own > tonumber(ARGV[9]) or own_size > tonumber(ARGV[10])) do
  if not evict(inbox) then break end
  steps = steps - 1
  own = tonumber(redis.call('ZSCORE', p .. 'counts', inbox) or '0')
  own_size = tonumber(redis.call('ZSCORE', p .. 'sizes', inbox) or '0')
end
count = tonumber(redis.call('HGET', p .. 'total', 'count'))
size = tonumber(redis.call('HGET', p .. 'total', 'size'))
while steps > 0 and (count > tonumber(ARGV[7]) or size > tonumber(ARGV[8])) do
  local by = size > tonumber(ARGV[8]) and 'sizes' or 'counts'
  if not evict(redis.call('ZREVRANGE', p .. by, 0, 0)[1]) then break end
  steps = steps - 1
  count = tonumber(redis.call('HGET', p .. 'total', 'count'))
  size = tonumber(redis.call('HGET', p .. 'total', 'size'))
end
redis.call('PUBLISH', ARGV[6], '1')
return {id, gone}
"""
)

# ARGV: sequence numbers. Answers the contents that are gone.
DELETE = _COMMON + "for _, id in ipairs(ARGV) do drop(id .. '-0') end return gone"

# ARGV: inbox (empty for all), low, high, count, direction. Answers {sequence number, tail, summary} each.
PAGE = """
local p = 'yourl:{captures}:'
local from = ARGV[1] == '' and p .. 'feed' or p .. 'in:' .. ARGV[1]
local entries
if ARGV[5] == 'newest' then
  entries = redis.call('XREVRANGE', from, ARGV[3], ARGV[2], 'COUNT', ARGV[4])
else
  entries = redis.call('XRANGE', from, ARGV[2], ARGV[3], 'COUNT', ARGV[4])
end
local found = {}
for _, entry in ipairs(entries) do
  if ARGV[1] ~= '' then entry = redis.call('XRANGE', p .. 'feed', entry[1], entry[1])[1] end
  if entry then
    local f = {}
    for i = 1, #entry[2], 2 do f[entry[2][i]] = entry[2][i + 1] end
    found[#found + 1] = {string.match(entry[1], '%d+'), f.tail, f.summary}
  end
end
return found
"""

# ARGV: milliseconds. Answers the count.
COUNT_EVENT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count
"""

# ARGV: inbox, rules, how many inboxes may have some. Answers 0 where that many others have.
CHANGE_RULES = """
local p = 'yourl:{captures}:'
if redis.call('HEXISTS', p .. 'rules', ARGV[1]) == 0
  and redis.call('HLEN', p .. 'rules') >= tonumber(ARGV[3]) then return 0 end
redis.call('HSET', p .. 'rules', ARGV[1], ARGV[2])
redis.call('HDEL', p .. 'turns', ARGV[1])
return 1
"""

# ARGV: inbox. Of an inbox that holds nothing, nothing is left.
REMOVE_RULES = """
local p = 'yourl:{captures}:'
redis.call('HDEL', p .. 'rules', ARGV[1])
redis.call('HDEL', p .. 'turns', ARGV[1])
if not redis.call('ZSCORE', p .. 'counts', ARGV[1]) then redis.call('HDEL', p .. 'evicted', ARGV[1]) end
return 1
"""

# ARGV: session, when it expires, how many are remembered one by one.
END_SESSION = """
local p = 'yourl:{captures}:'
local now = tonumber(redis.call('TIME')[1])
redis.call('ZREMRANGEBYSCORE', p .. 'ended', '-inf', now)
redis.call('ZADD', p .. 'ended', ARGV[2], ARGV[1])
local last = redis.call('ZREVRANGE', p .. 'ended', 0, 0, 'WITHSCORES')[2]
if not last then return 0 end
if redis.call('ZCARD', p .. 'ended') > tonumber(ARGV[3]) then
  redis.call('DEL', p .. 'ended')
  redis.call('ZADD', p .. 'ended', last, '')
end
redis.call('EXPIREAT', p .. 'ended', string.format('%.0f', tonumber(last)))
return 1
"""

# ARGV: session, when it expires.
SESSION_HAS_ENDED = """
local p = 'yourl:{captures}:'
if redis.call('ZSCORE', p .. 'ended', ARGV[1]) then return 1 end
local every = redis.call('ZSCORE', p .. 'ended', '')
return every and tonumber(every) >= tonumber(ARGV[2]) and 1 or 0
"""
