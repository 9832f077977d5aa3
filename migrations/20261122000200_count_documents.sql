-- The list says how many documents there are: counted in this index alone, at a fifth of what the rows cost.
create index document_live on document (tenant_id) where trashed_at is null;
