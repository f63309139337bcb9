create trigger audit_entry_no_update before update on audit_entry
begin
    select raise(abort, 'the audit log is only ever added to: an update is refused');
end;

create trigger audit_entry_no_delete before delete on audit_entry
begin
    select raise(abort, 'the audit log is only ever added to: a delete is refused');
end;

-- `insert or replace` would delete without a trigger noticing.
create trigger audit_entry_no_replace before insert on audit_entry
when exists (select 1 from audit_entry where tenant_id = new.tenant_id and number = new.number)
begin
    select raise(abort, 'the audit log is only ever added to: this entry is there already');
end;

create trigger audit_chain_stays before delete on audit_chain
begin
    select raise(abort, 'the head of an audit chain is never deleted');
end;

create trigger audit_chain_grows before update on audit_chain
when new.tenant_id <> old.tenant_id or new.number <= old.number
begin
    select raise(abort, 'an audit chain only ever grows');
end;
