-- A worker reads who is meant, and nobody's password: names and addresses stand in mails, reports and archives.
revoke select on account from sheaf_worker;
grant select (id, email, name) on account to sheaf_worker;
