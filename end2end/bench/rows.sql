-- The rows of many tenants, for what depends on how many there are: the test of plans (app/domain/tests/it/planning.rs) and
-- the benchmark of row-level security (rls.py). Every value follows from a number, so that each run plans for the same rows.
-- It is run by a superuser, who vacuums and analyses afterwards, with these settings:
--
--   rows.giant       the tenant that has most of the rows; it is there already
--   rows.tenants     how many there are in all; those that are missing are made
--   rows.of_giant    documents of the giant
--   rows.of_others   documents of each other tenant

-- Foreign keys are checked row by row, which would take most of the time; what they ask for follows from the numbers.
set session_replication_role = replica;
set synchronous_commit = off;
set maintenance_work_mem = '256MB';
set work_mem = '64MB';

insert into tenant (tenant_id, name, created_at)
select md5('tenant ' || number)::uuid, 'Workspace ' || number, now() - interval '1 year'
from generate_series(1 + (select count(*) from tenant), current_setting('rows.tenants')::int) as number;

insert into account (id, email, name, password_hash, email_verified_at, created_at)
select tenant_id, 'person@' || tenant_id || '.example', name, '', now(), created_at from tenant where name ~ '^Workspace';

insert into membership (tenant_id, account_id, role, created_at)
select tenant_id, tenant_id, 'owner', created_at from tenant where name ~ '^Workspace';

create temporary table shelf as
select t.tenant_id, m.account_id, row_number() over (order by t.tenant_id) as number,
       current_setting(case t.tenant_id when current_setting('rows.giant')::uuid then 'rows.of_giant' else 'rows.of_others' end)::int
           as documents
from tenant t join membership m using (tenant_id);

-- Twenty more people with the giant, who read what is private there.
insert into account (id, email, name, password_hash, email_verified_at, created_at)
select md5('reader ' || number)::uuid, 'reader' || number || '@acme.example', 'Reader ' || number, '', now(), now()
from generate_series(1, 20) as number;

insert into membership (tenant_id, account_id, role, created_at)
select current_setting('rows.giant')::uuid, md5('reader ' || number)::uuid, 'member', now() from generate_series(1, 20) as number;

-- Indexes are made after the rows, which is quicker; all but the primary keys.
create temporary table later as
select indexrelid::regclass::text as index, pg_get_indexdef(indexrelid) as definition
from pg_index
where not indisprimary
  and indrelid = any (array['document', 'document_reader', 'page', 'report', 'export', 'mail', 'job']::regclass[])
  and not exists (select from pg_constraint where conindid = indexrelid);
do $$ declare one record; begin for one in select * from later loop execute 'drop index ' || one.index; end loop; end $$;

-- The documents of a year, in the order in which they came: those of a tenant lie among those of all others.
insert into document (tenant_id, id, name, format, bytes, sha256, object_key, state, failure, title, language, pages, pages_read,
                      words, has_images, uploaded_by, visibility, created_at, read_at, trashed_at)
select tenant_id,
       -- As UUIDs of version 7 are: the time first.
       (lpad(to_hex((1000 * date_part('epoch', added))::int8), 12, '0') || '7' || substr(hash, 1, 3) || '8' || substr(hash, 4, 15))::uuid,
       (array['Lease agreement', 'minutes', 'Invoice', 'site survey', 'Budget', 'Letter', 'Offer'])[1 + n % 7]
           || (n::int8 * 357163 + s_number * 104729) % 1000003,
       -- Of 20 documents 11 are PDF.
       (array['pdf', 'docx', 'pdf', 'pdf', 'text', 'pdf', 'html', 'pdf', 'markdown', 'pdf',
              'csv', 'pdf', 'docx', 'pdf', 'pdf', 'other', 'pdf', 'docx', 'pdf', 'text'])[1 + n % 20],
       4000 + (n::int8 * 3571639 + s_number * 15485863) % 9000000,
       decode(hash || hash, 'hex'),
       'documents/' || n,
       -- Of 100 documents two cannot be read, one is waiting, and one waits for credits.
       case when n % 100 in (13, 57) then 'unreadable' when n % 100 = 31 then 'waiting' when n % 100 = 71 then 'held' else 'read' end,
       case when n % 100 in (13, 57) then 'damaged' end,
       'Title ' || n, 'eng', 12, 12, 3600, n % 2 = 0, account_id,
       -- Of 50 documents one is private.
       case when n % 50 = 11 then 'private' else 'workspace' end, added, added + interval '20 seconds',
       -- Of 200 documents one lies in the trash, since at most 30 days.
       case when n % 200 = 7 then now() - n % 30 * interval '1 day' end
from (
    select s.tenant_id, s.account_id, s.number as s_number, n, md5(s.number || '/' || n) as hash,
           now() - interval '1 year' * (n - s.number * 7919 % 1000 / 1000.0::float8) / s.documents as added
    from shelf s cross join lateral generate_series(1, s.documents) as n
    order by added
) as numbered;

-- What is private with the giant is shared with two people, and elsewhere with nobody else.
insert into document_reader (tenant_id, document_id, account_id)
select tenant_id, id, case when tenant_id = current_setting('rows.giant')::uuid
                           then md5('reader ' || 1 + (get_byte(uuid_send(id), 15) + times) % 20)::uuid else uploaded_by end
from document cross join generate_series(1, 2) as times
where visibility = 'private' and (times = 1 or tenant_id = current_setting('rows.giant')::uuid);

-- One of 64 documents has its pages here, three of them. There are a thousand texts, since to analyse more would take long: the
-- word "sheaf" is on each, "lease" on one of ten, "retention" on one of a hundred.
create temporary table leaf as
select number, text, to_tsvector('sheaf_english', text) || array_to_tsvector(array['sheaf_english']) as tsv
from generate_series(0, 999) as number
cross join lateral (
    select concat_ws(' ', 'sheaf', case when number % 10 = 3 then 'lease' end, case when number % 100 = 42 then 'retention' end,
                     (select string_agg('word' || number * word % 5003, ' ') from generate_series(1, 200) as word)) as text
) as of_number;

insert into page (tenant_id, document_id, number, width, height, text, words, word_count, config, tsv)
select d.tenant_id, d.id, page, 595, 842, l.text, '[["sheaf", 72, 72, 40, 12]]', 200, 'sheaf_english', l.tsv
from (select *, row_number() over (order by created_at, id) as number from document) as d
cross join generate_series(1, 3) as page
join leaf l on l.number = (d.number + page * 331) % 1000
-- A byte of the hash in the id, of which four values are multiples of 75.
where get_byte(uuid_send(d.id), 14) % 75 = 0;

-- One of 43 documents is in a report, which is made by a job and told by a mail. Of 50 mails one is given up.
create temporary table told as
select tenant_id, id, uploaded_by, created_at, row_number() over (partition by tenant_id order by id) as number,
       md5(id || '/job')::uuid as job_id
from document
where get_byte(uuid_send(id), 15) % 50 = 0;

insert into report (tenant_id, id, title, scope, state, bytes, pages, documents, job_id, made_by, created_at, finished_at)
select tenant_id, id, 'Report ' || number, jsonb_build_object('documents', array[id]), 'ready', 90000, 3, 1, job_id, uploaded_by,
       created_at, created_at + interval '2 seconds'
from told;

insert into mail (tenant_id, id, idempotency_key, recipient, subject, text_body, html_body, state, last_error, created_at, sent_at)
select tenant_id, id, 'report/' || id || '/ready', 'person' || number % 20 || '@acme.example', 'Your report is ready',
       'It is ready.', '<p>It is ready.</p>', case when given_up then 'failed' else 'sent' end,
       case when given_up then 'mailbox unavailable' end, created_at, created_at
from told cross join lateral (select number % 50 = 2 as given_up) as of_number;

-- As many archives of workspaces, of which one in 50 is due.
insert into export (tenant_id, id, state, bytes, documents, job_id, asked_by, created_at, finished_at, expires_at)
select tenant_id, id, 'ready', 90000000, 400, job_id, uploaded_by, created_at, created_at + interval '1 minute',
       now() + (case when number % 50 = 2 then -1 else 6 end) * interval '1 day'
from told;

-- No trigger is at work here, so the entries have places in a chain and nobody's hashes. A tenant that was there before has
-- written its first entry itself.
insert into audit_entry (tenant_id, id, account_id, act, subject_id, created_at, address, number, previous_hash, hash)
select tenant_id, id, uploaded_by,
       (array['document.uploaded', 'document.uploaded', 'report.asked', 'account.signed_in', 'document.trashed'])[1 + number % 5],
       id, created_at, '192.0.2.1', number + 1, sha256('before'), sha256('this')
from told;

insert into audit_head (tenant_id, number, hash)
select tenant_id, max(number), sha256('this') from audit_entry group by tenant_id
on conflict (tenant_id) do update set number = excluded.number, hash = excluded.hash;

-- Of a tenant's first hundred jobs two are waiting and one is a dead letter, so that a small tenant has some of each; of a
-- thousand one is running. The others are done, a week ago at most. One in ten is Sheaf's own.
insert into job (tenant_id, id, kind, payload, key, state, attempt, max_attempts, run_at, lease_token, lease_until, worker,
                 created_at, started_at, finished_at, died_at, account_id, subject)
select tenant_id, job_id, case when number % 3 = 0 then 'make_report' else 'read_document' end, '{}', id::text, state, 1, 5,
       created_at, case when state = 'running' then id end, case when state = 'running' then now() + interval '1 minute' end,
       case when state = 'running' then id end, created_at, created_at,
       case when state in ('done', 'dead') then finished end, case when state = 'dead' then finished end,
       case when number % 10 > 0 then uploaded_by end, id
from told
cross join lateral (
    select case when number % 100 in (1, 51) then 'waiting' when number % 100 = 2 then 'dead'
                when number % 1000 = 503 then 'running' else 'done' end as state,
           now() - number % 600000 * interval '1 second' as finished
) as of_number;

insert into job_lane (tenant_id, kind, running)
select tenant_id, kind, count(*) filter (where state = 'running') from job group by tenant_id, kind
on conflict do nothing;

-- Each report is made in two steps.
insert into job_step (tenant_id, job_id, name, result)
select tenant_id, id, step, '{}' from job cross join unnest(array['gather', 'typeset']) as step where kind = 'make_report';


insert into session (id, account_id, tenant_id, secret_hash, rotated_at, created_at, last_seen_at, expires_at)
select account_id, account_id, tenant_id, '', now(), now(), now(), now() + interval '30 days' from shelf;

-- Each tenant has invited ten people, of whom two have not answered.
insert into invite (tenant_id, id, email, role, token_hash, invited_by, created_at, last_sent_at, expires_at, accepted_at)
select tenant_id, md5('invite ' || tenant_id || n)::uuid, 'guest' || n || '@' || tenant_id || '.example', 'member',
       sha256(convert_to(tenant_id || '/' || n, 'utf8')), account_id, added, added, added + interval '7 days',
       case when n > 2 then added + interval '1 day' end
from shelf cross join generate_series(1, 10) as n cross join lateral (select now() - n * interval '10 hours' as added) as of_number;

-- Each tenant has made ten keys, of which five are revoked.
insert into api_key (tenant_id, id, name, role, secret_hash, made_by, created_at, revoked_at)
select tenant_id, md5('key ' || tenant_id || n)::uuid, 'Import ' || n, 'member', sha256(convert_to(tenant_id || '/key ' || n, 'utf8')),
       account_id, added, case when n > 5 then added + interval '1 day' end
from shelf cross join generate_series(1, 10) as n cross join lateral (select now() - n * interval '10 days' as added) as of_number;

-- Support has been in each tenant four times, and is in none now.
insert into support_visit (tenant_id, id, operator_id, operator_session_id, operator_name, reason, secret_hash, started_at,
                           expires_at, ended_at)
select tenant_id, md5(tenant_id || '/visit ' || nth)::uuid, account_id, account_id, 'Bob', 'They asked for it.',
       sha256((tenant_id || '/' || nth)::bytea), at, at + interval '30 minutes', at + interval '10 minutes'
from shelf s cross join lateral (
    select n, now() - n * interval '20 days' from generate_series(1, 4) as n
) as visit (nth, at);

-- Each tenant has paid for two years, of which the first has seen five changes of its plan; and was counted as long.
insert into invoice (tenant_id, id, number, status, currency, subtotal_cents, tax_cents, total_cents, created_at, period_start,
                     period_end, paid_at, has_failed)
select tenant_id, 'in_' || nth, 'SH-' || nth, 'paid', 'eur', 4900, 931, 5831, at, at, at + interval '1 month', at, nth = 5
from shelf cross join lateral (select n, now() - n * interval '30 days' from generate_series(1, 24) as n) as months (nth, at);

insert into subscription_change (tenant_id, at, plan, plan_version, currency, status)
select tenant_id, now() - (800 - nth * 30) * interval '1 day', case when nth % 2 = 0 then 'team' else 'business' end, 1, 'eur', 'active'
from shelf cross join generate_series(1, 6) as nth;

insert into cost_day (tenant_id, day, worker_seconds, stored_bytes)
select tenant_id, current_date - nth, 1200, 4000000000 from shelf cross join generate_series(1, 90) as nth;

insert into revenue_tenant
select tenant_id, (date_trunc('month', now()) - nth * interval '1 month')::date, 'eur', 'team', 'team', 4900, 4900, 0, 0, 0, 0, 0,
       0, 0, 1, 4900, 931, 5831, 0, 0, 0, number, 0, 36000, 120000, now()
from shelf cross join generate_series(0, 23) as nth;

-- No trigger has begun the trial of a tenant that was made here. All but one in ten have bought something, and one in 40 owes it.
insert into subscription (tenant_id, plan, status, trial_ends_at, period_start, period_end, unpaid_since, cap, stripe_customer,
                          stripe_subscription, synced_at, revision)
select tenant_id, case when number % 10 = 7 then 'free' when number % 10 = 3 then 'business' else 'team' end,
       case when number % 10 = 7 then 'none' when number % 40 = 1 then 'past_due' else 'active' end,
       now() - interval '11 months', month, month + interval '1 month',
       case when number % 40 = 1 then now() - number % 20 * interval '1 day' end, 1000, 'cus_' || tenant_id, 'sub_' || tenant_id,
       now() - number % 8 * interval '1 hour', 12
from shelf cross join lateral (select date_trunc('month', now())) as running (month)
on conflict (tenant_id) do nothing;

insert into tenant_meter (tenant_id, period_start, period_end, granted, used, held, stored_bytes)
select tenant_id, month, month + interval '1 month', 5000, 100, 0, documents * 4000000::int8
from shelf cross join lateral (select date_trunc('month', now())) as running (month)
on conflict (tenant_id) do nothing;

-- Each of twelve months is granted and what is left of it expires; each document of a report was read, of 20 one beyond what was
-- granted.
insert into ledger_entry (tenant_id, id, kind, debit, credit, credits, key, period_start, plan, price_version, at)
select tenant_id, md5(tenant_id || kind || month)::uuid, kind, debit, credit, 5000, kind || ':' || extract(epoch from month)::int8,
       month, 'team', 1, month
from shelf
cross join generate_series(date_trunc('month', now()) - interval '11 months', now(), interval '1 month') as month
cross join (values ('grant', 'plan', 'available'), ('expiry', 'available', 'expired')) as moved (kind, debit, credit);

insert into ledger_entry (tenant_id, id, kind, debit, credit, credits, key, period_start, job_id, document_id, account_id, plan,
                          price_version, at)
select tenant_id, md5(id || '/use')::uuid, 'use', case when number % 20 = 3 then 'overage' else 'available' end, 'used',
       1 + number % 12, 'read:' || id || ':' || job_id, date_trunc('month', created_at), job_id, id, uploaded_by, 'team', 1, created_at
-- The giant has read most of its documents before it was counted.
from told where number <= 2000;

-- What waits for the reader at once is little, also with the giant.
insert into credit_hold (tenant_id, document_id, credits, held_at)
select tenant_id, id, 1, created_at
from (select *, row_number() over (partition by tenant_id order by id) as nth from document where state = 'waiting') as waiting
where nth <= 20;

-- The hours of about a month, of which Stripe was not told of the last two.
insert into meter_event (tenant_id, hour, period_start, credits, identifier, sent_at)
select tenant_id, hour, date_trunc('month', hour), 1 + n % 40, tenant_id || ':' || extract(epoch from hour)::int8,
       case when n > 2 then hour + interval '1 hour' end
from shelf
cross join generate_series(1, case when tenant_id = current_setting('rows.giant')::uuid then 700 else 60 end) as n
cross join lateral (select date_trunc('hour', now()) - n * interval '1 hour' as hour) as of_number;

-- What Stripe has sent of each; of 50 one is not done yet.
insert into stripe_event (id, type, api_version, customer, tenant_id, body, created_at, received_at, state, handled_at)
select 'evt_' || tenant_id || '_' || n,
       (array['invoice.paid', 'customer.subscription.updated', 'invoice.created', 'invoice.payment_failed'])[1 + n % 4],
       '2026-09-30.endive', 'cus_' || tenant_id, tenant_id, '{}', at, at, case when (number + n) % 50 = 3 then 'received' else 'done' end,
       case when (number + n) % 50 <> 3 then at end
from shelf cross join generate_series(1, 20) as n cross join lateral (select now() - n * interval '9 days' as at) as of_number;

do $$ declare one record; begin for one in select * from later loop execute one.definition; end loop; end $$;
reset session_replication_role;
