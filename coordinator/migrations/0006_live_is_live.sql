-- Whatever decides on a version decided on what it was then: the version that the pointer names stays the live one until the pointer
-- has moved.
CREATE TRIGGER versions_live_is_what_the_pointer_says BEFORE UPDATE OF status ON versions
WHEN NEW.status <> 'live' AND EXISTS (
    SELECT 1 FROM models WHERE key = NEW.model AND live_major = NEW.major AND live_minor = NEW.minor
)
BEGIN SELECT RAISE(ABORT, 'the live version of a model stays live until its pointer has moved'); END;
