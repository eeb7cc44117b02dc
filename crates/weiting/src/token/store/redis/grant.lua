-- Gives the right to fetch, and books the fetch, if nobody has the right and record and ledger still are what was read.
-- KEYS: record, ledger, lease. ARGV: record and ledger as read ('': none), both as they shall be, how many ms they are
-- kept, the lease, how many ms it lasts, how many ms a lease can last: a longer one bars nobody.
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] or (redis.call('GET', KEYS[2]) or '') ~= ARGV[2] then
  return 0
end
if redis.call('PTTL', KEYS[3]) > tonumber(ARGV[8]) then
  redis.call('DEL', KEYS[3])
end
if not redis.call('SET', KEYS[3], ARGV[6], 'NX', 'PX', ARGV[7]) then
  return 0
end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[5])
redis.call('SET', KEYS[2], ARGV[4], 'PX', ARGV[5])
return 1
