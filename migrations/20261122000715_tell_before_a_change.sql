-- Whoever takes a dearer plan has Stripe told of what was used until then, which is billed at the price that it had.

alter policy meter_event_select on meter_event to sheaf_app, sheaf_worker;
alter policy meter_event_insert on meter_event to sheaf_app, sheaf_worker;
alter policy meter_event_update on meter_event to sheaf_app, sheaf_worker;
grant select, insert, update (tried_at, sent_at) on meter_event to sheaf_app;
