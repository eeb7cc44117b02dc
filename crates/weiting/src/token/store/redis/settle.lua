-- Replaces the record if it still is what was read, and gives the right to fetch back if it still is this lease's.
-- KEYS: record, lease. ARGV: record as read ('': none), as it shall be ('': no change), how many ms it is kept, the
-- lease ('': none).
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then
  return 0
end
if ARGV[2] ~= '' then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
if redis.call('GET', KEYS[2]) == ARGV[4] then
  redis.call('DEL', KEYS[2])
end
return 1
