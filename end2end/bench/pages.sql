-- The rows of the benchmark of the documents page: 2,000 documents of the workspace that signed up, and 20 other
-- workspaces with 1,000 each, which row-level security keeps out of sight. Every value follows from a number, so that
-- each run reads the same rows.

-- Twenty other workspaces, each with a person.
create temporary table other as
select number, gen_random_uuid() as tenant_id, gen_random_uuid() as account_id from generate_series(1, 20) as number;

insert into tenant (tenant_id, name, created_at)
select tenant_id, format('Workspace %s', number), now() - interval '1 year' from other;

insert into account (id, email, name, password_hash, email_verified_at, created_at)
select account_id, format('person%s@globex.example', number), format('Person %s', number), '', now(), now() from other;

insert into membership (tenant_id, account_id, role, created_at)
select tenant_id, account_id, 'owner', now() - interval '1 year' from other;

-- Whose documents these are, and how many.
create temporary table shelf as
select tenant_id, account_id, 1000 as documents from other
union all
select m.tenant_id, m.account_id, 2000 from membership m join account a on a.id = m.account_id
where a.email = 'ada@acme.example';

create temporary table numbered as
select s.tenant_id, s.account_id, n,
       (array['Annual report', 'Lease agreement', 'Minutes of the board', 'Invoice', 'Site survey',
              'Terms of delivery', 'Budget', 'Letter to shareholders', 'Inspection of the roof',
              'Statement of work'])[1 + n % 10] as subject,
       (array['Northwind', 'Initech', 'Harbour Street 14', 'Umbrella', 'Soylent', 'Vandelay',
              'Stark & Sons'])[1 + n % 7] as party,
       2019 + n * 13 % 8 as year,
       -- Of 20 documents 11 are PDF.
       (array['pdf', 'docx', 'pdf', 'pdf', 'text', 'pdf', 'html', 'pdf', 'markdown', 'pdf',
              'csv', 'pdf', 'docx', 'pdf', 'pdf', 'other', 'pdf', 'docx', 'pdf', 'text'])[1 + n % 20] as format,
       -- Of 25 that can be read 20 are.
       (array['read', 'read', 'read', 'partly_read', 'read', 'read', 'read', 'read', 'unreadable', 'read',
              'read', 'read', 'waiting', 'read', 'read', 'read', 'reading', 'read', 'read', 'read',
              'read', 'cancelled', 'read', 'read', 'read'])[1 + n % 25] as course,
       1 + n * 37 % 240 as length
from shelf s cross join lateral generate_series(1, s.documents) as n;

insert into document (tenant_id, id, name, format, bytes, sha256, object_key, state, failure, title, author, language,
                      authored_at, modified_at, pages, pages_read, pages_failed, words, has_images, uploaded_by,
                      created_at, read_at)
select tenant_id,
       md5(format('%s %s', tenant_id, n))::uuid,
       format('%s %s %s (%s).%s', party, lower(subject), year, n,
              case format when 'text' then 'txt' when 'markdown' then 'md' when 'other' then 'dwg' else format end),
       format,
       4000 + n * 7919 % 9000000,
       sha256(convert_to(format('%s %s', tenant_id, n), 'UTF8')),
       format('documents/%s', n),
       state,
       case state when 'unreadable' then 'damaged' end,
       case when knows_itself then format('%s %s, %s', subject, year, party) end,
       case when knows_itself then 'Ada Lovelace' end,
       case when is_read then 'eng' end,
       case when knows_itself then added - interval '30 days' end,
       case when knows_itself then added - interval '20 days' end,
       case when is_read or state = 'reading' then length end,
       case when is_read then length when state = 'reading' then length / 2 else 0 end,
       case state when 'partly_read' then 1 else 0 end,
       case when is_read then length * 310 else 0 end,
       is_read and format = 'pdf',
       account_id,
       added,
       case when is_read then added + interval '20 seconds' end
from numbered
cross join lateral (select case format when 'other' then 'stored' else course end as state) as of_state
cross join lateral (
    select state in ('read', 'partly_read') as is_read,
           -- Within a week a moment is told from now, then by its date: both are on the page.
           now() - n * interval '5 hours' - interval '10 minutes' as added
) as derived
cross join lateral (select is_read and format in ('pdf', 'docx', 'html') as knows_itself) as told;

vacuum (analyze) document, tenant, account, membership, session;
checkpoint;
