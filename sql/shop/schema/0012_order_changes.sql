-- The feed of orders goes by the number of a change, not by its time: clocks go back, differ between
-- replicas, and are put right. Each change of an order takes the next number in its own transaction.
-- Orders that are there get theirs in the order in which they were placed.
-- sqlite:
ALTER TABLE orders ADD COLUMN change_number INTEGER NOT NULL DEFAULT 0;
UPDATE orders SET change_number = id;
CREATE UNIQUE INDEX orders_change_number ON orders (change_number);

-- Where updated_since begins: the first change of that time or a later one.
DROP INDEX orders_updated_at;
CREATE INDEX orders_updated_at ON orders (updated_at, change_number);

-- One writer at a time: what is numbered first is committed first. An order that comes with its number
-- is not written twice.
CREATE TRIGGER orders_note_insert AFTER INSERT ON orders
 WHEN NEW.change_number = 0
BEGIN
    UPDATE orders SET change_number = (SELECT max(change_number) + 1 FROM orders) WHERE id = NEW.id;
END;

CREATE TRIGGER orders_note_update AFTER UPDATE ON orders
 WHEN NEW.change_number = OLD.change_number
BEGIN
    UPDATE orders SET change_number = (SELECT max(change_number) + 1 FROM orders) WHERE id = NEW.id;
END;

-- postgres:
DROP TRIGGER orders_note_change ON orders;
ALTER TABLE orders ADD COLUMN change_number BIGINT NOT NULL DEFAULT 0;
UPDATE orders SET change_number = id;
CREATE UNIQUE INDEX orders_change_number ON orders (change_number);

DROP INDEX orders_updated_at;
CREATE INDEX orders_updated_at ON orders (updated_at, change_number);

CREATE SEQUENCE order_changes MINVALUE 0;
SELECT setval('order_changes', coalesce(max(id), 0)) FROM orders;

-- Transactions that ran side by side end in another order than they took their numbers. So before its
-- first number a transaction takes a shared lock whose name is the newest number there is: from that
-- one on it may hold some that nobody else can see yet. The name holds the number's lower half.
CREATE OR REPLACE FUNCTION note_order_change() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    newest bigint;
BEGIN
    IF coalesce(current_setting('octo.order_changes', true), '') = '' THEN
        SELECT last_value INTO newest FROM order_changes;
        PERFORM pg_advisory_xact_lock_shared(7341, newest::bit(32)::integer);
        PERFORM set_config('octo.order_changes', newest::text, true);
    END IF;
    NEW.change_number := nextval('order_changes');
    RETURN NEW;
END
$$;

CREATE TRIGGER orders_note_change BEFORE INSERT OR UPDATE ON orders
    FOR EACH ROW EXECUTE FUNCTION note_order_change();

-- Up to which number no transaction that is under way can hold one; `newest` has to be read before the
-- locks: a transaction that takes an earlier one either still has its lock then, or has ended and is
-- seen by whatever begins afterwards.
CREATE FUNCTION orders_settled(newest bigint) RETURNS bigint LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    ahead integer;
BEGIN
    SELECT min((l.objid::bigint - newest)::bit(32)::integer) INTO ahead
      FROM pg_locks l
     WHERE l.locktype = 'advisory' AND l.classid = 7341 AND l.objsubid = 2
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database());
    RETURN newest + least(coalesce(ahead, 0), 0);
END
$$;

-- oracle:
-- The server's clock says when, so that what the oldest open transaction may still hide can be told
-- from what is settled (orders_settled in sql/shop/orders.sql): of two changes the one with the lower
-- number is not the later one by more than its own transaction.
ALTER TABLE orders ADD change_number NUMBER(19) DEFAULT 0 NOT NULL;
ALTER TABLE orders ADD changed_at TIMESTAMP(6);
CREATE UNIQUE INDEX orders_change_number ON orders (change_number);
CREATE INDEX orders_changed_at ON orders (changed_at, change_number);

DROP INDEX orders_updated_at;
CREATE INDEX orders_updated_at ON orders (updated_at, change_number);

CREATE SEQUENCE order_changes START WITH 1 ORDER;

CREATE TRIGGER orders_note_change BEFORE INSERT OR UPDATE ON orders
    FOR EACH ROW
BEGIN
    :NEW.change_number := order_changes.NEXTVAL;
    :NEW.changed_at := SYS_EXTRACT_UTC(SYSTIMESTAMP);
END;
/
