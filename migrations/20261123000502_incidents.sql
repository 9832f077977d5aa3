-- What operators say when something is wrong. Everybody may read it, and what was said is never changed.

create table incident (
    id uuid primary key,
    title text not null check (length(title) between 5 and 120),
    severity text not null check (severity in ('minor', 'major', 'critical')),
    components text[] not null check (cardinality(components) between 1 and 20),
    opened_at timestamptz not null,
    resolved_at timestamptz
);
create index incident_recent on incident (opened_at desc, id);

create table incident_update (
    incident_id uuid not null references incident (id),
    id uuid not null,
    state text not null check (state in ('investigating', 'identified', 'monitoring', 'resolved')),
    words text not null check (length(words) between 10 and 2000),
    posted_at timestamptz not null,
    posted_by uuid not null references operator (id),
    primary key (incident_id, id)
);

grant select on incident to sheaf_app;
grant select (incident_id, id, state, words, posted_at) on incident_update to sheaf_app;

-- Opens one, with the first thing that is said. False without a good secret.
create function operator_open_incident(
    secret bytea, moment timestamptz, new_incident uuid, new_title text, new_severity text, new_components text[],
    new_update uuid, new_state text, new_words text
)
returns boolean
    language sql volatile security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    with made as (
        insert into public.incident (id, title, severity, components, opened_at, resolved_at)
        select new_incident, new_title, new_severity, new_components, moment,
               case when new_state = 'resolved' then moment end
        from public.operator_of(secret, moment) as who (id) where who.id is not null
        returning id
    ), said as (
        insert into public.incident_update (incident_id, id, state, words, posted_at, posted_by)
        select made.id, new_update, new_state, new_words, moment, public.operator_of(secret, moment) from made
        returning id
    )
    select exists (select from said)
$$;
revoke execute on function
    operator_open_incident(bytea, timestamptz, uuid, text, text, text[], uuid, text, text) from public;
grant execute on function
    operator_open_incident(bytea, timestamptz, uuid, text, text, text[], uuid, text, text) to sheaf_app;

-- Says more of one: "resolved" closes it, anything else opens it again. False where there is no such incident.
create function operator_tell_incident(
    secret bytea, moment timestamptz, wanted uuid, new_update uuid, new_state text, new_words text
)
returns boolean
    language sql volatile security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    with found as (
        update public.incident set resolved_at = case when new_state = 'resolved' then moment end
        where incident.id = wanted and public.operator_of(secret, moment) is not null
        returning incident.id
    ), said as (
        insert into public.incident_update (incident_id, id, state, words, posted_at, posted_by)
        select found.id, new_update, new_state, new_words, moment, public.operator_of(secret, moment) from found
        returning id
    )
    select exists (select from said)
$$;
revoke execute on function operator_tell_incident(bytea, timestamptz, uuid, uuid, text, text) from public;
grant execute on function operator_tell_incident(bytea, timestamptz, uuid, uuid, text, text) to sheaf_app;
