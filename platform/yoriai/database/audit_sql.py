"""The function that appends to an audit chain; the same text serves every municipality and the installation.

It runs with its owner's rights, so the roles that may call it need none on the tables, and no role of the application can
change or remove an event. `to_schema` is where it is made.
"""

APPEND_FUNCTION = """
CREATE OR REPLACE FUNCTION audit_append(events jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET timezone TO 'UTC' SET search_path TO {schema}, pg_temp AS $body$
DECLARE
  head record;
  item jsonb;
  moment timestamptz;
  digest bytea;
BEGIN
  SELECT * INTO STRICT head FROM audit_head WHERE id = 1 FOR UPDATE;
  FOR item IN SELECT value FROM jsonb_array_elements(events) LOOP
    head.seq := head.seq + 1;
    moment := clock_timestamp();
    digest := sha256(head.hash || convert_to(jsonb_build_array(head.seq, moment, item->>'staff', item->>'action',
      item->>'subject', item->>'reason', item->'detail', item->>'terminal', item->>'request_id')::text, 'UTF8'));
    INSERT INTO audit_event (seq, at, staff, action, subject, reason, detail, terminal, request_id, previous_hash, hash)
    VALUES (head.seq, moment, item->>'staff', item->>'action', item->>'subject', item->>'reason', item->'detail',
      item->>'terminal', item->>'request_id', head.hash, digest);
    head.hash := digest;
  END LOOP;
  UPDATE audit_head SET seq = head.seq, hash = head.hash WHERE id = 1;
  RETURN head.seq;
END
$body$;
REVOKE ALL ON FUNCTION audit_append(jsonb) FROM PUBLIC
"""
FIRST_HEAD = (
    "INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, decode(repeat('00', 32), 'hex')) ON CONFLICT DO NOTHING"
)
