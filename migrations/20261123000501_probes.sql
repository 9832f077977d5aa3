-- What the probes find, folded into a row for a part and a day, so that the status page knows 90 days.

-- Minutes of a day (in UTC) in which a part did what it is for, did it slowly, or did not. A minute in which nobody looked is in
-- none of them.
create table probe_day (
    component text not null check (length(component) between 1 and 40),
    day date not null,
    ups int not null default 0 check (ups >= 0),
    slows int not null default 0 check (slows >= 0),
    downs int not null default 0 check (downs >= 0),
    primary key (component, day)
);

-- How each part was when somebody looked last.
create table probe_state (
    component text primary key check (length(component) between 1 and 40),
    state text not null check (state in ('up', 'slow', 'down')),
    since timestamptz not null,
    -- The minute that was counted last: no minute is counted twice.
    seen_at timestamptz not null
);

grant select on probe_day, probe_state to sheaf_app, sheaf_worker;
grant insert, delete, update (ups, slows, downs) on probe_day to sheaf_worker;
grant insert, update (state, since, seen_at) on probe_state to sheaf_worker;
