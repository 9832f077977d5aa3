-- A document that is read again keeps what was read of it before until the new reading has begun, and is paid for again.

alter table document
    -- Of its text, where that is what reading it costs: none of a PDF, of which pages are counted.
    add column characters bigint not null default 0 check (characters >= 0),
    -- The pages that are kept are of an earlier reading: the next one begins at the first page, and takes their place.
    add column read_anew boolean not null default false,
    -- What was charged until then was for readings that were whole, and does not come back when it is read again.
    add column charged_until timestamptz;

alter table document no force row level security;
alter table page no force row level security;
update document d set characters = read.characters
from (
    select p.tenant_id, p.document_id, sum(length(p.text)) as characters
    from page p group by p.tenant_id, p.document_id
) as read
where d.tenant_id = read.tenant_id and d.id = read.document_id and d.format <> 'pdf';
alter table page force row level security;
alter table document force row level security;
