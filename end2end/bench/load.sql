-- What the benchmark of load adds to pages.sql: pages to search and to read, and 999 more workspaces of the same size as a
-- small office's. Every value follows from a number, so that each run reads the same rows. It is run by a superuser.

set synchronous_commit = off;

-- Whatever belongs to a workspace from its beginning is made by its triggers.
insert into tenant (tenant_id, name, created_at)
select md5('load ' || number)::uuid, 'Office ' || number, now() - interval '1 year' from generate_series(2, 1000) as number;

-- They have Ada's password, so that each can sign in.
insert into account (id, email, name, password_hash, email_verified_at, created_at)
select md5('load ' || number)::uuid, format('load%s@globex.example', number), 'Office ' || number,
       (select password_hash from account where email = 'ada@acme.example'), now(), now()
from generate_series(2, 1000) as number;

insert into membership (tenant_id, account_id, role, created_at)
select md5('load ' || number)::uuid, md5('load ' || number)::uuid, 'owner', now() from generate_series(2, 1000) as number;

-- Two hundred colleagues of Ada's, since one account may try to sign in ten times in a quarter of an hour.
insert into account (id, email, name, password_hash, email_verified_at, created_at)
select md5('colleague ' || number)::uuid, format('colleague%s@acme.example', number), 'Colleague ' || number,
       (select password_hash from account where email = 'ada@acme.example'), now(), now()
from generate_series(1, 200) as number;

insert into membership (tenant_id, account_id, role, created_at)
select m.tenant_id, md5('colleague ' || number)::uuid, 'member', now()
from generate_series(1, 200) as number cross join membership m join account a on a.id = m.account_id
where a.email = 'ada@acme.example';

-- Foreign keys are checked row by row, which would take most of the time; what they ask for follows from the numbers.
set session_replication_role = replica;

insert into document (tenant_id, id, name, format, bytes, sha256, object_key, state, language, pages, pages_read, words, uploaded_by,
                      created_at, read_at)
select md5('load ' || number)::uuid, md5(format('load %s %s', number, n))::uuid, format('Letter %s of office %s', n, number),
       case when n <= 8 then 'text' else 'docx' end,
       4000 + n * 7919 % 90000, sha256(convert_to(format('load %s %s', number, n), 'UTF8')), format('load/%s/%s', number, n), 'read', 'eng',
       2, 2, 600, md5('load ' || number)::uuid, added, added + interval '2 seconds'
from generate_series(2, 1000) as number cross join generate_series(1, 60) as n
cross join lateral (select now() - n * interval '5 hours' - interval '10 minutes' as added) as derived;

-- Texts of 300 words: "lease" is on one page of ten, "retention" on one of a hundred.
create temporary table leaf as
select number, text, to_tsvector('sheaf_english', text) || array_to_tsvector(array['sheaf_english']) as tsv
from generate_series(0, 199) as number
cross join lateral (
    select concat_ws(' ', 'sheaf', case when number % 10 = 3 then 'lease' end, case when number % 100 = 42 then 'retention' end,
                     (select string_agg('word' || number * word % 5003, ' ') from generate_series(1, 300) as word)) as text
) as of_number;

-- Each text document that was read has two, and there are some of them in each workspace.
insert into page (tenant_id, document_id, number, width, height, text, word_count, config, tsv)
select d.tenant_id, d.id, page, 0, 0, l.text, 300, 'sheaf_english', l.tsv
from (
    select *, row_number() over (order by tenant_id, created_at, id) as number
    from document where format = 'text' and state = 'read'
) as d
cross join generate_series(1, 2) as page
join leaf l on l.number = (d.number + page * 77) % 200;

update document set pages = 2, pages_read = 2, words = 600 where format = 'text' and state = 'read';

-- A session of each of these people, as if by a browser: whoever keeps the key of access tokens makes the cookies.
insert into session (id, account_id, tenant_id, secret_hash, rotated_at, created_at, last_seen_at, expires_at)
select m.account_id, m.account_id, m.tenant_id, sha256(uuid_send(m.account_id)), now(), now(), now(), now() + interval '30 days'
from membership m join account a on a.id = m.account_id
where a.email ~ '^(ada@|colleague|load)';

set session_replication_role = origin;
vacuum (analyze) document, page, tenant, account, membership, session;
checkpoint;
