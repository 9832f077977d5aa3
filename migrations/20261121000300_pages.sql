-- What was read, page by page, and how it is found.

-- One configuration a language, with accents folded before stemming. `sheaf_simple` serves every other language.
do $$
declare
    language text;
begin
    foreach language in array array[
        'arabic', 'danish', 'dutch', 'english', 'finnish', 'french', 'german', 'greek', 'hungarian', 'italian',
        'norwegian', 'portuguese', 'romanian', 'russian', 'spanish', 'swedish', 'turkish'
    ] loop
        execute format('create text search configuration sheaf_%s (copy = %I)', language, language);
        execute format(
            'alter text search configuration sheaf_%s alter mapping for hword, hword_part, word with unaccent, %I',
            language, language || '_stem'
        );
    end loop;
end $$;
create text search configuration sheaf_simple (copy = simple);
alter text search configuration sheaf_simple
    alter mapping for hword, hword_part, word, asciiword, asciihword, hword_asciipart with unaccent, simple;

create table page (
    tenant_id uuid not null,
    document_id uuid not null,
    number int not null check (number > 0),
    width real not null default 0,
    height real not null default 0,
    text text not null,
    -- [[text, x, y, width, height], ...] in points from the top left of the page as shown.
    words jsonb not null default '[]',
    word_count int not null,
    -- Why this page could not be read, for the operator.
    failure text,
    -- The language's configuration, as in `sheaf_english`; its name is also a lexeme of `tsv`, so that a query can ask
    -- each page in the page's own language through the one index.
    config text not null default 'sheaf_simple',
    tsv tsvector not null,
    primary key (tenant_id, document_id, number),
    foreign key (tenant_id, document_id) references document (tenant_id, id) on delete cascade
);
create index page_search on page using gin (tenant_id, tsv);

alter table page enable row level security;
alter table page force row level security;
create policy page_select on page for select to sheaf_app, sheaf_worker
    using (tenant_id = (select current_tenant()));
create policy page_insert on page for insert to sheaf_worker
    with check (tenant_id = (select current_tenant()));
create policy page_delete on page for delete to sheaf_app, sheaf_worker
    using (tenant_id = (select current_tenant()));
grant select, delete on page to sheaf_app;
grant select, insert, delete on page to sheaf_worker;

-- `@@` is not leakproof, so under a policy the planner may not use it in an index: it would read every page of the tenant.
-- This view is owned by a role for which every row is visible and filters by the tenant itself, where the planner may
-- combine both conditions in the one index. It is neither security_invoker nor security_barrier on purpose. What it gives
-- up, that a function in the WHERE clause may see a row before the filter, is out of reach: sheaf_app creates no functions
-- and the text of every query is fixed. The tests attack it.
create policy page_search on page for select to sheaf_search using (true);
grant select on page to sheaf_search;
create view searchable_page as
    select tenant_id, document_id, number, text, config, tsv
    from page
    where tenant_id = (select current_tenant());
grant select on searchable_page to sheaf_app, sheaf_worker;
grant create on schema public to sheaf_search;
alter view searchable_page owner to sheaf_search;
revoke create on schema public from sheaf_search;
