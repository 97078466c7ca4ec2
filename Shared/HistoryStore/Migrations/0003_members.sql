-- What members take out of their history, members that were erased, and what followers must be told of both.

-- A title, or with '' every title (no title has an empty id). Filtered at reading, so that whatever arrives later is filtered too.
CREATE TABLE hidden_title (
    member_id        text COLLATE "C" NOT NULL,
    title_id         text COLLATE "C" NOT NULL,
    -- Sessions last watched then or before are left out everywhere. NULL: none is.
    hidden_until     timestamptz,
    -- A bookmark last watched then or before is left out of continue-watching. NULL: it is not.
    row_hidden_until timestamptz,
    PRIMARY KEY (member_id, title_id)
);

-- Who was erased must not be told from here, and still nothing of them may be taken: a hash with a key of this database stands for the id.
CREATE TABLE tombstone_key (
    -- One row, reached by an index: writers must not fall back to reading tables whole.
    id   boolean PRIMARY KEY DEFAULT true CHECK (id),
    key  bytea   NOT NULL,
    seed bigint  NOT NULL
);
INSERT INTO tombstone_key (key, seed)
SELECT decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'),
       ('x' || left(replace(gen_random_uuid()::text, '-', ''), 16))::bit(64)::bigint;

CREATE TABLE erased_member (
    tombstone bytea       PRIMARY KEY,
    -- A part of another hash, cheap to compute: the tombstone itself is computed only where this fits.
    bucket    integer     NOT NULL,
    epoch     bigint      NOT NULL,
    erased_at timestamptz NOT NULL
);
CREATE INDEX erased_member_bucket ON erased_member (bucket);

-- In SQL, so that it is part of a writer's statement. Keyed twice, as SHA-256 with a key before the text alone could be continued by others.
CREATE FUNCTION tombstone_of(member text) RETURNS TABLE (tombstone bytea, bucket integer) LANGUAGE sql STABLE AS $$
    SELECT sha256(k.key || sha256(k.key || convert_to(member, 'UTF8'))), (hashtextextended(member, k.seed) & 16777215)::integer
    FROM tombstone_key k WHERE k.id
$$;
CREATE FUNCTION erasure_of(member text) RETURNS TABLE (epoch bigint, erased_at timestamptz) LANGUAGE sql STABLE AS $$
    -- The key is read once a statement, not once a member; and the tombstone, which is dear, is worked out only where the bucket fits: the
    -- empty string keeps its index out of this.
    SELECT e.epoch, e.erased_at
    FROM erased_member e
    WHERE e.bucket = (hashtextextended(member, (SELECT k.seed FROM tombstone_key k WHERE k.id)) & 16777215)::integer
      AND e.tombstone || ''::bytea = (SELECT sha256(k.key || sha256(k.key || convert_to(member, 'UTF8'))) FROM tombstone_key k WHERE k.id)
$$;

-- Members whose rows are being removed; gone when none is left.
CREATE TABLE erasure (
    member_id text        COLLATE "C" PRIMARY KEY,
    -- Whoever goes on with an erasing names it: another one of the same member may have begun meanwhile.
    number    bigint      GENERATED ALWAYS AS IDENTITY,
    began_at  timestamptz NOT NULL DEFAULT now()
);

-- Of a member that was erased and readmitted: what an edge had received before stays erased. (erased_at is not used any more:
-- the row of an erased member is in erased_member.)
ALTER TABLE member_state ADD COLUMN readmitted_at timestamptz;

-- Changes that are to be announced in the change feed, written with what they announce.
CREATE TABLE change_outbox (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id    text   COLLATE "C" NOT NULL,
    -- 'session', 'hidden', 'row_hidden' or 'erased'
    kind         text   NOT NULL,
    session_id   text   COLLATE "C",
    title_id     text   COLLATE "C",
    hidden_until timestamptz,
    revision     bigint NOT NULL
);
