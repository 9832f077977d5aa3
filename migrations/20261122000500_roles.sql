-- A workspace is more than its owner: members have roles, which change, and members go.

alter table membership drop constraint membership_role_check;
alter table membership add constraint membership_role_check check (role in ('owner', 'admin', 'member', 'viewer'));

create policy membership_update on membership for update to sheaf_app
    using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()));
create policy membership_delete on membership for delete to sheaf_app
    using (tenant_id = (select current_tenant()));
grant update (role), delete on membership to sheaf_app;

-- Whoever changes who is in a workspace asks for its owners first.
create index membership_owners on membership (tenant_id) where role = 'owner';
