-- What is over is walked without what waits, and what still waits is found where its job is over.

-- All that is over in a workspace, the latest first: in the order of the primary key, 100,000 jobs that wait stand before it.
create index job_of_tenant_finished on job (tenant_id, id) where finished_at is not null;

-- What somebody waits for. It is little, in a workspace of whatever size.
create index document_busy on document (tenant_id, id) where state in ('waiting', 'reading');
create index report_busy on report (tenant_id, id) where state in ('waiting', 'making');
