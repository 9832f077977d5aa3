-- What clients had already and were not sent again is summed up by the minute as well, in answers and in bytes.

alter table health_figure drop constraint health_figure_part_check;
alter table health_figure add constraint health_figure_part_check
    check (part in ('requests', 'jobs', 'caches', 'tagged', 'spared')) not valid;
alter table health_figure validate constraint health_figure_part_check;
