-- What a job logs is found by the request that has caused it, so the job keeps the id of the trace.

-- None where Sheaf acts by itself. Nobody asks for jobs by it, so it is in no index, and a claim stays a heap-only update.
alter table job add column trace_id uuid;
