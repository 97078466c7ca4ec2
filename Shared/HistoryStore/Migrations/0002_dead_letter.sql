-- Whose event a dead letter is, and why it was refused: to find, replay and erase it.
ALTER TABLE dead_letter
    -- NULL where the letter is not one event.
    ADD COLUMN member_id  text COLLATE "C",
    ADD COLUMN session_id text COLLATE "C",
    ADD COLUMN sql_state  text;

CREATE INDEX dead_letter_member ON dead_letter (member_id) WHERE member_id IS NOT NULL;
