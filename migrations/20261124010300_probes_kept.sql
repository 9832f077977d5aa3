-- Minutes in which the database was away are written down later, by every process that kept them, so each minute has to be known by
-- itself until nobody can bring it any more: the sums of a day cannot say which minutes are in them.

-- What was found in each of the last minutes, and is counted in its day.
create table probe_minute (
    minute timestamptz not null,
    component text not null check (length(component) between 1 and 40),
    state text not null check (state in ('up', 'slow', 'down')),
    -- What it was counted as before a process brought a worse result.
    was text check (was in ('up', 'slow', 'down')),
    -- Whether it was found while the database was away. Of such results the worst counts; one that was written down at its time stays.
    is_kept boolean not null,
    primary key (minute, component)
);

grant select, insert, delete, update (state, was) on probe_minute to sheaf_worker;
