-- A job hangs under the request that has caused it, so beside the trace it keeps the id of that request in it.

-- None where Sheaf acts by itself, and for what was enqueued before. Nobody asks for jobs by it, so it is in no index.
alter table job add column span_id bigint;
