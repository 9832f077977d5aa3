-- A person may have a mail that was given up sent again: its state goes back to "waiting", and nothing else of it changes.
create policy mail_update_by_app on mail for update to sheaf_app
    using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()));
grant update (state) on mail to sheaf_app;

-- What could not be delivered is asked for by people who wait for a mail.
create index mail_undelivered on mail (tenant_id, created_at desc) where last_error is not null;
