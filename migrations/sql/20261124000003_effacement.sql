-- Erasing without breaking proof. A content is erased by destroying the data key under which
-- it is sealed, in the transaction that records why. The record keeps its leaves.
--
-- Whoever keeps contents, or keys, in the clear asks how many erasures there have been: one
-- that knows of fewer forgets what it keeps.

-- 1. What was erased, in the order of commitment. The place is that of the event that says so.
CREATE TABLE ledger.erasures (
    number   bigint      PRIMARY KEY CHECK (number > 0),
    portail  text        NOT NULL,
    annee    smallint    NOT NULL,
    position bigint      NOT NULL,
    keys     int         NOT NULL CHECK (keys > 0),
    at       timestamptz NOT NULL
);
CREATE TRIGGER erasures_are_immutable BEFORE UPDATE OR DELETE ON ledger.erasures
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER erasures_are_never_truncated BEFORE TRUNCATE ON ledger.erasures
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- A destroyed key keeps its row, and another may take its name: what is written about someone
-- after an erasure is a new content.
ALTER TABLE ledger.keys ADD COLUMN destroyed bigint REFERENCES ledger.erasures;
ALTER TABLE ledger.keys DROP CONSTRAINT keys_subject_retention_period_key;
CREATE UNIQUE INDEX keys_living ON ledger.keys (subject, retention, period) WHERE wrapped IS NOT NULL;
CREATE INDEX keys_due ON ledger.keys (retention, period) WHERE wrapped IS NOT NULL;
CREATE INDEX keys_gone ON ledger.keys (destroyed) WHERE wrapped IS NULL;
CREATE INDEX events_sealed ON ledger.events (key_id);

-- A writer that has not heard of an erasure yet seals under a key that is no more: what it
-- brings would be lost unread. It is told, and seals again.
CREATE FUNCTION ledger.refuse_destroyed_keys() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM brought b JOIN ledger.keys k ON k.id = b.key_id WHERE k.wrapped IS NULL) THEN
        RAISE EXCEPTION 'an event is sealed under a destroyed key' USING ERRCODE = 'LK001';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER events_have_living_keys AFTER INSERT ON ledger.events
    REFERENCING NEW TABLE AS brought FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_destroyed_keys();

-- Holds these portals, and all events, until the transaction ends: nothing is sealed under a
-- key while it is destroyed. Gives the last instant that any of the portals has recorded.
CREATE FUNCTION ledger.hold_for_erasure(portails text[]) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    last timestamptz;
BEGIN
    last := ledger.hold(portails);
    -- After the heads, in the order in which ledger.append takes them.
    LOCK TABLE ledger.events IN SHARE ROW EXCLUSIVE MODE;
    RETURN last;
END $$;

-- Destroys data keys, all of them living until now, and says which erasure this is. The event
-- that says so, at the place given, must have been recorded by this very transaction.
CREATE FUNCTION ledger.destroy(key_ids uuid[], of_portail text, of_annee smallint, of_position bigint)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    this bigint;
    found int;
BEGIN
    IF NOT EXISTS (SELECT FROM ledger.events e
                   WHERE e.portail = of_portail AND e.annee = of_annee AND e.position = of_position
                     AND e.xmin = pg_current_xact_id()::xid) THEN
        RAISE EXCEPTION 'no key is destroyed but with the event that says so'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    LOCK TABLE ledger.erasures IN SHARE ROW EXCLUSIVE MODE;
    INSERT INTO ledger.erasures (number, portail, annee, position, keys, at)
        VALUES ((SELECT coalesce(max(number), 0) + 1 FROM ledger.erasures), of_portail, of_annee, of_position, cardinality(key_ids), clock_timestamp())
        RETURNING number INTO this;
    UPDATE ledger.keys SET wrapped = NULL, destroyed = this WHERE id = ANY (key_ids) AND wrapped IS NOT NULL;
    GET DIAGNOSTICS found = ROW_COUNT;
    IF found <> cardinality(key_ids) THEN
        RAISE EXCEPTION 'a key was destroyed meanwhile' USING ERRCODE = 'LK002';
    END IF;
    PERFORM pg_notify('ledger_erased', this::text);
    RETURN this;
END $$;

-- 2. Every place of a view says up to which erasure it was purged.
ALTER TABLE projections.version ADD COLUMN purged bigint NOT NULL DEFAULT 0;
ALTER TABLE prochain.version    ADD COLUMN purged bigint NOT NULL DEFAULT 0;
GRANT UPDATE (purged) ON projections.version, prochain.version TO ent_app;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.hold_for_erasure, ledger.destroy TO ent_app;
GRANT SELECT ON ledger.erasures TO ent_app, ent_auditeur;

-- 3. What is held, what was destroyed, and who has left.
CREATE SCHEMA conservation;

-- Without a person a hold is on the whole portal; without classes, on all of them.
CREATE TABLE conservation.gel (
    portail        text   NOT NULL,
    id             uuid   NOT NULL,
    personne       uuid,
    classes        text[] NOT NULL,
    motif          text   NOT NULL,
    pose_par       jsonb  NOT NULL,
    pose_le        date   NOT NULL,
    leve_par       jsonb,
    leve_le        date,
    motif_de_levee text,
    PRIMARY KEY (portail, id)
);
CREATE INDEX ON conservation.gel (personne) WHERE leve_le IS NULL;

CREATE TABLE conservation.destruction (
    id              uuid   PRIMARY KEY,
    portail         text   NOT NULL,
    fondement       text   NOT NULL,
    motif           text   NOT NULL,
    lots            jsonb  NOT NULL,
    demandee_par    jsonb  NOT NULL,
    demandee_le     date   NOT NULL,
    etat            text   NOT NULL CHECK (etat IN ('demandee', 'executee', 'abandonnee')),
    cles            uuid[] NOT NULL,
    terminee_par    jsonb,
    terminee_le     date,
    motif_d_abandon text,
    annee           smallint,
    position        bigint
);
CREATE INDEX ON conservation.destruction (portail, demandee_le DESC, id DESC);

-- Envelopes say that someone left the directory, and go on saying so.
CREATE TABLE conservation.sortie (
    personne uuid PRIMARY KEY,
    le       date NOT NULL
);

GRANT USAGE ON SCHEMA conservation TO ent_app, ent_auditeur;
GRANT SELECT ON ALL TABLES IN SCHEMA conservation TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA conservation TO ent_app;

-- 4. Key-encryption keys that were replaced. A process that has not heard of it wraps a new
-- key under one that will be gone: it is told, and reads its key file again.
CREATE TABLE ledger.retired_keks (
    id text        PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE FUNCTION ledger.refuse_retired_keks() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM brought b JOIN ledger.retired_keks r ON r.id = b.kek_id) THEN
        RAISE EXCEPTION 'a data key is wrapped under a retired key' USING ERRCODE = 'LK003';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keys_are_wrapped_under_living_keks AFTER INSERT ON ledger.keys
    REFERENCING NEW TABLE AS brought FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_retired_keks();
REVOKE ALL ON FUNCTION ledger.refuse_retired_keks FROM PUBLIC;
GRANT SELECT ON ledger.retired_keks TO ent_app, ent_auditeur;
