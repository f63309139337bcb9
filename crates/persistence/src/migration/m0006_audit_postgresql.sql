create function waymark_audit_refuse() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is only ever added to: % on % is refused', tg_op, tg_table_name;
end
$$;

create trigger audit_entry_insert_only before update or delete or truncate on audit_entry
    for each statement execute function waymark_audit_refuse();

create trigger audit_chain_stays before delete or truncate on audit_chain
    for each statement execute function waymark_audit_refuse();

create trigger audit_chain_grows before update on audit_chain
    for each row when (new.tenant_id <> old.tenant_id or new.number <= old.number)
    execute function waymark_audit_refuse();
