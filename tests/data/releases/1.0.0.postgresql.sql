CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE applied (
	id INTEGER NOT NULL, 
	digest TEXT NOT NULL, 
	host TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	configuration TEXT NOT NULL, 
	look TEXT NOT NULL, 
	CONSTRAINT applied_pk PRIMARY KEY (id)
);
CREATE TABLE sources (
	id BIGSERIAL NOT NULL, 
	slug TEXT NOT NULL, 
	url TEXT NOT NULL, 
	name TEXT, 
	handle TEXT, 
	settings TEXT NOT NULL, 
	keep_s BIGINT NOT NULL, 
	place TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	is_configured BOOLEAN NOT NULL, 
	added_at BIGINT NOT NULL, 
	removed_at BIGINT, 
	first_url TEXT NOT NULL, 
	info TEXT, 
	hints TEXT, 
	entry_count INTEGER, 
	imported_at BIGINT, 
	document_at BIGINT, 
	host TEXT NOT NULL, 
	moved_url TEXT, 
	etag TEXT, 
	last_modified TEXT, 
	validators_url TEXT, 
	body_hash TEXT, 
	sighted_url TEXT, 
	sighted_first BIGINT, 
	sighted_last BIGINT, 
	sighted_count INTEGER NOT NULL, 
	due_at BIGINT NOT NULL, 
	not_before BIGINT, 
	next_why TEXT NOT NULL, 
	rhythm TEXT, 
	claim_token TEXT, 
	claimed_until BIGINT, 
	last_poll BIGINT, 
	last_success BIGINT, 
	failures INTEGER NOT NULL, 
	failure_kind TEXT, 
	reason TEXT, 
	is_gone BOOLEAN NOT NULL, 
	CONSTRAINT sources_pk PRIMARY KEY (id), 
	CONSTRAINT sources_slug_key UNIQUE (slug)
);
CREATE INDEX sources_claimed ON sources (claimed_until, host);
CREATE INDEX sources_due ON sources (due_at, id) WHERE is_configured AND NOT is_gone;
CREATE TABLE source_slugs (
	slug TEXT NOT NULL, 
	source_id BIGINT NOT NULL, 
	CONSTRAINT source_slugs_pk PRIMARY KEY (slug), 
	CONSTRAINT source_slugs_source_id_fk FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE
);
CREATE INDEX source_slugs_source_id ON source_slugs (source_id);
CREATE TABLE feeds (
	id BIGSERIAL NOT NULL, 
	kind TEXT NOT NULL, 
	slug TEXT NOT NULL, 
	source_id BIGINT, 
	uid TEXT NOT NULL, 
	settings TEXT, 
	position INTEGER NOT NULL, 
	is_configured BOOLEAN NOT NULL, 
	is_pending BOOLEAN NOT NULL, 
	version TEXT NOT NULL, 
	changed_at BIGINT, 
	last_entered BIGINT NOT NULL, 
	CONSTRAINT feeds_pk PRIMARY KEY (id), 
	CONSTRAINT feeds_source_id_fk FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE, 
	CONSTRAINT feeds_kind_slug_key UNIQUE (kind, slug), 
	CONSTRAINT feeds_source_id_key UNIQUE (source_id)
);
CREATE TABLE articles (
	id BIGSERIAL NOT NULL, 
	source_id BIGINT NOT NULL, 
	key TEXT NOT NULL, 
	identity BYTEA NOT NULL, 
	published_id TEXT NOT NULL, 
	published_hash BYTEA NOT NULL, 
	title TEXT NOT NULL, 
	link TEXT, 
	link_hash BYTEA, 
	published BIGINT, 
	updated BIGINT, 
	first_seen BIGINT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	sort_date BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	release_at BIGINT, 
	digest TEXT NOT NULL, 
	words INTEGER NOT NULL, 
	language TEXT, 
	topics TEXT NOT NULL, 
	last_in_document BIGINT NOT NULL, 
	edits INTEGER NOT NULL, 
	CONSTRAINT articles_pk PRIMARY KEY (id), 
	CONSTRAINT articles_source_id_fk FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE, 
	CONSTRAINT articles_identity_key UNIQUE (identity), 
	CONSTRAINT articles_published_hash_key UNIQUE (published_hash)
);
CREATE INDEX articles_held ON articles (release_at) WHERE state = 'held';
CREATE INDEX articles_link_hash ON articles (link_hash);
CREATE INDEX articles_newest ON articles (sort_date, id);
CREATE INDEX articles_of_source ON articles (source_id, sort_date);
CREATE TABLE bodies (
	article_id BIGINT NOT NULL, 
	entry BYTEA NOT NULL, 
	CONSTRAINT bodies_pk PRIMARY KEY (article_id), 
	CONSTRAINT bodies_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE TABLE tombstones (
	identity BYTEA NOT NULL, 
	source_id BIGINT NOT NULL, 
	published_id TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT tombstones_pk PRIMARY KEY (identity), 
	CONSTRAINT tombstones_source_id_fk FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE
);
CREATE TABLE placements (
	feed_id BIGINT NOT NULL, 
	article_id BIGINT NOT NULL, 
	sort_date BIGINT NOT NULL, 
	entered BIGINT NOT NULL, 
	entered_at BIGINT NOT NULL, 
	why TEXT NOT NULL, 
	CONSTRAINT placements_pk PRIMARY KEY (feed_id, article_id), 
	CONSTRAINT placements_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE, 
	CONSTRAINT placements_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE
);
CREATE INDEX placements_article_id ON placements (article_id);
CREATE INDEX placements_newest ON placements (feed_id, sort_date, article_id);
CREATE TABLE article_words (
	article_id BIGINT NOT NULL, 
	words TSVECTOR NOT NULL, 
	PRIMARY KEY (article_id), 
	CONSTRAINT article_words_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE INDEX article_words_words ON article_words USING gin (words);
CREATE TABLE hosts (
	name TEXT NOT NULL, 
	free_at BIGINT, 
	not_before BIGINT, 
	why TEXT, 
	CONSTRAINT hosts_pk PRIMARY KEY (name)
);
CREATE TABLE ledger (
	day INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	polls BIGINT NOT NULL, 
	requests BIGINT NOT NULL, 
	not_modified BIGINT NOT NULL, 
	bytes BIGINT NOT NULL, 
	waits BIGINT NOT NULL, 
	refusals BIGINT NOT NULL, 
	failures BIGINT NOT NULL, 
	CONSTRAINT ledger_pk PRIMARY KEY (day, name)
);
CREATE TABLE problems (
	id BIGSERIAL NOT NULL, 
	subject TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	uid TEXT NOT NULL, 
	title TEXT NOT NULL, 
	text TEXT NOT NULL, 
	opened_at BIGINT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	closed_at BIGINT, 
	CONSTRAINT problems_pk PRIMARY KEY (id)
);
CREATE INDEX problems_of_subject ON problems (subject, kind);
CREATE INDEX problems_newest ON problems (changed_at, id);
ALTER TABLE sources ADD COLUMN sighted_by TEXT;
ALTER TABLE sources ADD COLUMN late_s FLOAT;
CREATE TABLE source_lists (
	place TEXT NOT NULL, 
	digest TEXT, 
	body BYTEA, 
	etag TEXT, 
	last_modified TEXT, 
	validators_url TEXT, 
	checked_at BIGINT NOT NULL, 
	read_at BIGINT, 
	reason TEXT, 
	CONSTRAINT source_lists_pk PRIMARY KEY (place)
);
CREATE TABLE counters (
	name TEXT NOT NULL, 
	label TEXT NOT NULL, 
	total BIGINT NOT NULL, 
	CONSTRAINT counters_pk PRIMARY KEY (name, label)
);
CREATE TABLE hub_topics (
	feed_id BIGINT NOT NULL, 
	version TEXT NOT NULL, 
	CONSTRAINT hub_topics_pk PRIMARY KEY (feed_id), 
	CONSTRAINT hub_topics_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE
);
CREATE TABLE hub_requests (
	id BIGSERIAL NOT NULL, 
	identity BYTEA NOT NULL, 
	mode TEXT NOT NULL, 
	callback TEXT NOT NULL, 
	host TEXT NOT NULL, 
	topic TEXT NOT NULL, 
	feed_id BIGINT NOT NULL, 
	suffix TEXT NOT NULL, 
	lease_s INTEGER NOT NULL, 
	secret TEXT, 
	due_at BIGINT NOT NULL, 
	tries INTEGER NOT NULL, 
	claim_token TEXT, 
	claimed_until BIGINT, 
	CONSTRAINT hub_requests_pk PRIMARY KEY (id), 
	CONSTRAINT hub_requests_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE, 
	CONSTRAINT hub_requests_identity_key UNIQUE (identity)
);
CREATE INDEX hub_requests_host ON hub_requests (host);
CREATE INDEX hub_requests_feed_id ON hub_requests (feed_id);
CREATE INDEX hub_requests_due_at ON hub_requests (due_at);
CREATE TABLE hub_subscriptions (
	id BIGSERIAL NOT NULL, 
	identity BYTEA NOT NULL, 
	callback TEXT NOT NULL, 
	host TEXT NOT NULL, 
	topic TEXT NOT NULL, 
	feed_id BIGINT NOT NULL, 
	suffix TEXT NOT NULL, 
	secret TEXT, 
	expires_at BIGINT, 
	version TEXT NOT NULL, 
	due_at BIGINT, 
	failures INTEGER NOT NULL, 
	is_slow BOOLEAN NOT NULL, 
	delivered_at BIGINT, 
	reason TEXT NOT NULL, 
	claim_token TEXT, 
	claimed_until BIGINT, 
	CONSTRAINT hub_subscriptions_pk PRIMARY KEY (id), 
	CONSTRAINT hub_subscriptions_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE, 
	CONSTRAINT hub_subscriptions_identity_key UNIQUE (identity)
);
CREATE INDEX hub_subscriptions_due ON hub_subscriptions (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX hub_subscriptions_claimed ON hub_subscriptions (claimed_until);
CREATE INDEX hub_subscriptions_feed_id ON hub_subscriptions (feed_id);
CREATE INDEX hub_subscriptions_expires_at ON hub_subscriptions (expires_at);
CREATE TABLE push_offers (
	source_id BIGINT NOT NULL, 
	topic TEXT NOT NULL, 
	hubs TEXT NOT NULL, 
	is_planned BOOLEAN NOT NULL, 
	CONSTRAINT push_offers_pk PRIMARY KEY (source_id), 
	CONSTRAINT push_offers_source_id_fk FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE
);
CREATE INDEX push_offers_is_planned ON push_offers (is_planned);
CREATE TABLE subscriptions (
	id BIGSERIAL NOT NULL, 
	source_id BIGINT NOT NULL, 
	callback TEXT NOT NULL, 
	topic TEXT NOT NULL, 
	hub TEXT NOT NULL, 
	secret TEXT NOT NULL, 
	state TEXT NOT NULL, 
	due_at BIGINT NOT NULL, 
	expires_at BIGINT, 
	delivered_at BIGINT, 
	is_proven BOOLEAN NOT NULL, 
	failures INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	claim_token TEXT, 
	claimed_until BIGINT, 
	CONSTRAINT subscriptions_pk PRIMARY KEY (id), 
	CONSTRAINT subscriptions_source_id_fk FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE, 
	CONSTRAINT subscriptions_callback_key UNIQUE (callback)
);
CREATE INDEX subscriptions_source_id ON subscriptions (source_id);
CREATE INDEX subscriptions_due_at ON subscriptions (due_at);
CREATE TABLE inbox (
	id BIGSERIAL NOT NULL, 
	source_id BIGINT NOT NULL, 
	topic TEXT NOT NULL, 
	content_type TEXT NOT NULL, 
	body BYTEA NOT NULL, 
	received_at BIGINT NOT NULL, 
	CONSTRAINT inbox_pk PRIMARY KEY (id), 
	CONSTRAINT inbox_source_id_fk FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE
);
CREATE INDEX inbox_source_id ON inbox (source_id);
ALTER TABLE articles ADD COLUMN fingerprint TEXT DEFAULT '' NOT NULL;
ALTER TABLE articles ADD COLUMN past_digests TEXT DEFAULT '' NOT NULL;
ALTER TABLE articles ADD COLUMN note TEXT DEFAULT '' NOT NULL;
ALTER TABLE articles ADD COLUMN is_picked BOOLEAN DEFAULT false NOT NULL;
ALTER TABLE applied ADD COLUMN judged BIGINT;
CREATE TABLE events (
	id BIGSERIAL NOT NULL, 
	article_id BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	what TEXT NOT NULL, 
	CONSTRAINT events_pk PRIMARY KEY (id), 
	CONSTRAINT events_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE INDEX events_article_id ON events (article_id);
CREATE TABLE marks (
	id BIGSERIAL NOT NULL, 
	article_id BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	words TEXT NOT NULL, 
	who TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	before TEXT NOT NULL, 
	undone_at BIGINT, 
	undone_by TEXT, 
	CONSTRAINT marks_pk PRIMARY KEY (id), 
	CONSTRAINT marks_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE INDEX marks_article_id ON marks (article_id);
CREATE INDEX marks_newest ON marks (at, id);
CREATE TABLE traces (
	source_id BIGINT NOT NULL, 
	trace BYTEA NOT NULL, 
	CONSTRAINT traces_pk PRIMARY KEY (source_id), 
	CONSTRAINT traces_source_id_fk FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE
);
ALTER TABLE feeds ADD COLUMN look TEXT DEFAULT '' NOT NULL;
ALTER TABLE feeds ADD COLUMN recent_from BIGINT;
ALTER TABLE feeds ADD COLUMN archived_to BIGINT DEFAULT '0' NOT NULL;
ALTER TABLE feeds ADD COLUMN archive_count INTEGER DEFAULT '0' NOT NULL;
ALTER TABLE feeds ADD COLUMN span INTEGER DEFAULT '50' NOT NULL;
ALTER TABLE placements ADD COLUMN touched_at BIGINT DEFAULT '0' NOT NULL;
CREATE INDEX placements_touched ON placements (feed_id, touched_at);
CREATE INDEX placements_entered ON placements (feed_id, entered);
CREATE TABLE archives (
	feed_id BIGINT NOT NULL, 
	number INTEGER NOT NULL, 
	first BIGINT NOT NULL, 
	last BIGINT NOT NULL, 
	closed_at BIGINT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	changes INTEGER NOT NULL, 
	CONSTRAINT archives_pk PRIMARY KEY (feed_id, number), 
	CONSTRAINT archives_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE
);
CREATE TABLE revisions (
	article_id BIGINT NOT NULL, 
	replaced_at BIGINT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	sort_date BIGINT NOT NULL, 
	entry BYTEA NOT NULL, 
	CONSTRAINT revisions_pk PRIMARY KEY (article_id, replaced_at), 
	CONSTRAINT revisions_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE TABLE withdrawals (
	feed_id BIGINT NOT NULL, 
	article_id BIGINT NOT NULL, 
	published_id TEXT NOT NULL, 
	entered BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT withdrawals_pk PRIMARY KEY (feed_id, article_id), 
	CONSTRAINT withdrawals_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE
);
CREATE TABLE bylines (
	slug TEXT NOT NULL, 
	article_id BIGINT NOT NULL, 
	sort_date BIGINT NOT NULL, 
	name TEXT NOT NULL, 
	CONSTRAINT bylines_pk PRIMARY KEY (slug, article_id), 
	CONSTRAINT bylines_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE INDEX bylines_article_id ON bylines (article_id);
CREATE INDEX bylines_newest ON bylines (slug, sort_date, article_id);
CREATE TABLE tokens (
	id BIGSERIAL NOT NULL, 
	feed_id BIGINT NOT NULL, 
	name TEXT NOT NULL, 
	hash BYTEA NOT NULL, 
	made_at BIGINT NOT NULL, 
	CONSTRAINT tokens_pk PRIMARY KEY (id), 
	CONSTRAINT tokens_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE, 
	CONSTRAINT tokens_hash_key UNIQUE (hash)
);
CREATE INDEX tokens_feed_id ON tokens (feed_id);
CREATE TABLE stories (
	id BIGINT NOT NULL, 
	published_id TEXT, 
	opened_at BIGINT NOT NULL, 
	CONSTRAINT stories_pk PRIMARY KEY (id)
);
CREATE TABLE story_members (
	article_id BIGINT NOT NULL, 
	story_id BIGINT NOT NULL, 
	text_id BIGINT NOT NULL, 
	link_id BIGINT NOT NULL, 
	tie TEXT NOT NULL, 
	score INTEGER NOT NULL, 
	outlet TEXT NOT NULL, 
	link TEXT, 
	sketch TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	revision BIGINT NOT NULL, 
	CONSTRAINT story_members_pk PRIMARY KEY (article_id), 
	CONSTRAINT story_members_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE, 
	CONSTRAINT story_members_story_id_fk FOREIGN KEY(story_id) REFERENCES stories (id)
);
CREATE INDEX story_members_story_id ON story_members (story_id);
CREATE INDEX story_members_revision ON story_members (revision);
CREATE TABLE story_relations (
	story_id BIGINT NOT NULL, 
	other_id BIGINT NOT NULL, 
	score INTEGER NOT NULL, 
	CONSTRAINT story_relations_pk PRIMARY KEY (story_id, other_id), 
	CONSTRAINT story_relations_story_id_fk FOREIGN KEY(story_id) REFERENCES stories (id) ON DELETE CASCADE, 
	CONSTRAINT story_relations_other_id_fk FOREIGN KEY(other_id) REFERENCES stories (id) ON DELETE CASCADE
);
CREATE TABLE story_corrections (
	id BIGSERIAL NOT NULL, 
	verb TEXT NOT NULL, 
	article_id BIGINT NOT NULL, 
	story_id BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT story_corrections_pk PRIMARY KEY (id)
);
CREATE TABLE ranks (
	feed_id BIGINT NOT NULL, 
	article_id BIGINT NOT NULL, 
	position INTEGER NOT NULL, 
	why TEXT NOT NULL, 
	CONSTRAINT ranks_pk PRIMARY KEY (feed_id, article_id), 
	CONSTRAINT ranks_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE, 
	CONSTRAINT ranks_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE INDEX ranks_article_id ON ranks (article_id);
CREATE TABLE subscribers (
	id BIGSERIAL NOT NULL, 
	newsletter TEXT NOT NULL, 
	address TEXT NOT NULL, 
	identity BYTEA NOT NULL, 
	token TEXT NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	asked_at BIGINT, 
	CONSTRAINT subscribers_pk PRIMARY KEY (id), 
	CONSTRAINT subscribers_identity_key UNIQUE (identity), 
	CONSTRAINT subscribers_token_key UNIQUE (token)
);
CREATE INDEX subscribers_newsletter ON subscribers (newsletter, state);
CREATE TABLE newsletter_editions (
	id BIGSERIAL NOT NULL, 
	newsletter TEXT NOT NULL, 
	due_at BIGINT NOT NULL, 
	since BIGINT NOT NULL, 
	until BIGINT NOT NULL, 
	CONSTRAINT newsletter_editions_pk PRIMARY KEY (id), 
	CONSTRAINT newsletter_editions_newsletter_due_at_key UNIQUE (newsletter, due_at)
);
CREATE TABLE mailings (
	id BIGSERIAL NOT NULL, 
	edition_id BIGINT, 
	subscriber_id BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	due_at BIGINT, 
	tries INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	CONSTRAINT mailings_pk PRIMARY KEY (id), 
	CONSTRAINT mailings_edition_id_fk FOREIGN KEY(edition_id) REFERENCES newsletter_editions (id) ON DELETE CASCADE, 
	CONSTRAINT mailings_subscriber_id_fk FOREIGN KEY(subscriber_id) REFERENCES subscribers (id) ON DELETE CASCADE, 
	CONSTRAINT mailings_edition_id_subscriber_id_key UNIQUE (edition_id, subscriber_id)
);
CREATE INDEX mailings_edition_id ON mailings (edition_id);
CREATE INDEX mailings_subscriber_id ON mailings (subscriber_id);
CREATE INDEX mailings_due_at ON mailings (due_at);
CREATE TABLE webhooks (
	slug TEXT NOT NULL, 
	feed_id BIGINT NOT NULL, 
	told BIGINT NOT NULL, 
	CONSTRAINT webhooks_pk PRIMARY KEY (slug), 
	CONSTRAINT webhooks_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE
);
CREATE INDEX webhooks_feed_id ON webhooks (feed_id);
CREATE TABLE webhook_calls (
	id BIGSERIAL NOT NULL, 
	webhook TEXT NOT NULL, 
	article_id BIGINT NOT NULL, 
	created_at BIGINT NOT NULL, 
	due_at BIGINT NOT NULL, 
	tries INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	CONSTRAINT webhook_calls_pk PRIMARY KEY (id), 
	CONSTRAINT webhook_calls_webhook_fk FOREIGN KEY(webhook) REFERENCES webhooks (slug) ON DELETE CASCADE, 
	CONSTRAINT webhook_calls_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE INDEX webhook_calls_webhook ON webhook_calls (webhook);
CREATE INDEX webhook_calls_article_id ON webhook_calls (article_id);
CREATE INDEX webhook_calls_due_at ON webhook_calls (due_at);
ALTER TABLE feeds ADD COLUMN is_timed BOOLEAN DEFAULT false NOT NULL;
CREATE TABLE issues (
	feed_id BIGINT NOT NULL, 
	number INTEGER NOT NULL, 
	uid TEXT NOT NULL, 
	since BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	first BIGINT NOT NULL, 
	last BIGINT NOT NULL, 
	CONSTRAINT issues_pk PRIMARY KEY (feed_id, number), 
	CONSTRAINT issues_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE, 
	CONSTRAINT issues_feed_id_at_key UNIQUE (feed_id, at)
);
CREATE INDEX feeds_made ON feeds (id) WHERE source_id IS NULL;
CREATE INDEX feeds_changed ON feeds (changed_at, id) WHERE source_id IS NOT NULL;
CREATE TABLE turns (
	chore TEXT NOT NULL, 
	taken_at BIGINT NOT NULL, 
	CONSTRAINT turns_pk PRIMARY KEY (chore)
);
ALTER TABLE sources ADD COLUMN reads_pages BOOLEAN DEFAULT false NOT NULL;
CREATE TABLE page_texts (
	article_id BIGINT NOT NULL, 
	link_hash BYTEA NOT NULL, 
	host TEXT NOT NULL, 
	due_at BIGINT, 
	tries INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	fetched_at BIGINT, 
	words INTEGER NOT NULL, 
	body BYTEA, 
	CONSTRAINT page_texts_pk PRIMARY KEY (article_id), 
	CONSTRAINT page_texts_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE INDEX page_texts_due ON page_texts (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE robots (
	origin TEXT NOT NULL, 
	until BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	text TEXT NOT NULL, 
	CONSTRAINT robots_pk PRIMARY KEY (origin)
);
DROP INDEX sources_claimed;
CREATE INDEX sources_claimed ON sources (claimed_until, host) WHERE claimed_until IS NOT NULL;
ALTER TABLE sources ADD COLUMN settled TEXT;
ALTER TABLE sources ADD COLUMN settled_until BIGINT;
CREATE INDEX sources_unwell ON sources (is_configured, is_gone, failures, failure_kind, last_success) WHERE NOT is_configured OR is_gone OR failures > 0 OR failure_kind IS NOT NULL OR last_success IS NULL;
ALTER TABLE tombstones DROP COLUMN source_id;
ALTER TABLE tombstones DROP COLUMN published_id;
ALTER TABLE tombstones DROP COLUMN at;
ALTER TABLE sources DROP COLUMN removed_at;
ALTER TABLE inbox DROP COLUMN received_at;
ALTER TABLE webhook_calls DROP COLUMN created_at;
DROP TABLE story_corrections;
INSERT INTO "applied" ("id", "digest", "host", "at", "configuration", "look", "judged") VALUES ('1', '7d0c8ff5eca57b6d14981a4ba1852c9aa1f916273680e229b34298d55ffdc53f', 'vm', '1795432427453692', '{"site":{"title":"The Old Paper","url":"https://old.paper.example","contact":"editor@paper.example","hub":"https://old.paper.example/hub"},"database":"","fetch":{"allow_private":["127.0.0.1:33951"],"spacing_s":0.0},"topics":[{"slug":"bridges","title":"Bridges","query":"bridge*"}],"feeds":[{"slug":"all","title":"All","limit":100,"duplicates":"story"},{"slug":"inner-circle","title":"Inner circle","query":"tag:water OR picked:true","access":"token"}]}', '4e8d7231fa81e62a2f19f967fcb34d30', NULL);
INSERT INTO "counters" ("name", "label", "total") VALUES ('articles', 'new', '6');
INSERT INTO "counters" ("name", "label", "total") VALUES ('polls', 'new', '3');
INSERT INTO "ledger" ("day", "name", "polls", "requests", "not_modified", "bytes", "waits", "refusals", "failures") VALUES ('20780', '127.0.0.1:33951', '3', '3', '0', '1765', '0', '0', '0');
SELECT setval('public.newsletter_editions_id_seq', 1, False);
SELECT setval('public.problems_id_seq', 1, False);
INSERT INTO "sources" ("id", "slug", "url", "name", "handle", "settings", "keep_s", "place", "position", "is_configured", "added_at", "first_url", "info", "hints", "entry_count", "imported_at", "document_at", "host", "moved_url", "etag", "last_modified", "validators_url", "body_hash", "sighted_url", "sighted_first", "sighted_last", "sighted_count", "due_at", "not_before", "next_why", "rhythm", "claim_token", "claimed_until", "last_poll", "last_success", "failures", "failure_kind", "reason", "is_gone", "sighted_by", "late_s", "reads_pages", "settled", "settled_until") VALUES ('2', 'road', 'http://127.0.0.1:33951/road', 'Road', NULL, '{"url":"http://127.0.0.1:33951/road","name":"Road","initial_items":100}', '31536000', 'old.yaml:8', '1', 'true', '1795432427453692', 'http://127.0.0.1:33951/road', '{"title":"road"}', '{}', '2', '1795432428223728', '1795432427573578', '127.0.0.1:33951', NULL, NULL, NULL, 'http://127.0.0.1:33951/road', '033eb16d8461d1e6437bd4898c26062d', NULL, NULL, NULL, '0', '1795519491485031', NULL, 'every 1 d: the server sends neither ETag nor Last-Modified', '{"learnt_at":1795432428,"since":1772359200,"newest":1772362800,"count":0.051,"recent":0.0,"quarters":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.05,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"odds":[0.0,-0.05,0.0,0.0,0.0,0.0],"window":2,"gaps":0,"last_gap":null,"room":0.5}', NULL, NULL, '1795432427573578', '1795432427573578', '0', NULL, NULL, 'false', NULL, '0.119886', 'false', 'f22ff09882bd764ad21e2f49dea20b3a', '1795446827573578');
INSERT INTO "sources" ("id", "slug", "url", "name", "handle", "settings", "keep_s", "place", "position", "is_configured", "added_at", "first_url", "info", "hints", "entry_count", "imported_at", "document_at", "host", "moved_url", "etag", "last_modified", "validators_url", "body_hash", "sighted_url", "sighted_first", "sighted_last", "sighted_count", "due_at", "not_before", "next_why", "rhythm", "claim_token", "claimed_until", "last_poll", "last_success", "failures", "failure_kind", "reason", "is_gone", "sighted_by", "late_s", "reads_pages", "settled", "settled_until") VALUES ('1', 'river', 'http://127.0.0.1:33951/river', 'River', NULL, '{"url":"http://127.0.0.1:33951/river","name":"River","tags":["water"],"initial_items":100}', '31536000', 'old.yaml:7', '0', 'true', '1795432427453692', 'http://127.0.0.1:33951/river', '{"title":"river"}', '{}', '3', '1795432428223728', '1795432427572697', '127.0.0.1:33951', NULL, NULL, NULL, 'http://127.0.0.1:33951/river', 'efee546c8ae0f7f60cb6ad3bcfd49216', NULL, NULL, NULL, '0', '1795519362378041', NULL, 'every 1 d: the server sends neither ETag nor Last-Modified', '{"learnt_at":1795432428,"since":1772359200,"newest":1772366400,"count":0.103,"recent":0.0,"quarters":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.05,0,0,0,0.05,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"odds":[-0.14,-0.25,0.0,-0.2,-0.2,-0.07],"window":3,"gaps":0,"last_gap":null,"room":0.5}', NULL, NULL, '1795432427572697', '1795432427572697', '0', NULL, NULL, 'false', NULL, '0.119005', 'false', 'bf37b6c136c6e01560fe59f1d3f59f4c', '1795446827572697');
INSERT INTO "sources" ("id", "slug", "url", "name", "handle", "settings", "keep_s", "place", "position", "is_configured", "added_at", "first_url", "info", "hints", "entry_count", "imported_at", "document_at", "host", "moved_url", "etag", "last_modified", "validators_url", "body_hash", "sighted_url", "sighted_first", "sighted_last", "sighted_count", "due_at", "not_before", "next_why", "rhythm", "claim_token", "claimed_until", "last_poll", "last_success", "failures", "failure_kind", "reason", "is_gone", "sighted_by", "late_s", "reads_pages", "settled", "settled_until") VALUES ('3', 'rail', 'http://127.0.0.1:33951/rail', 'Rail', NULL, '{"url":"http://127.0.0.1:33951/rail","name":"Rail","initial_items":100}', '31536000', 'old.yaml:9', '2', 'true', '1795432427453692', 'http://127.0.0.1:33951/rail', '{"title":"rail"}', '{}', '1', '1795432428223728', '1795432428216665', '127.0.0.1:33951', NULL, NULL, NULL, 'http://127.0.0.1:33951/rail', '0589530cc856ed4595b11a008777e03d', NULL, NULL, NULL, '0', '1795519140717369', NULL, 'every 1 d: the server sends neither ETag nor Last-Modified', '{"learnt_at":1795432428,"since":1772359200,"newest":1772359200,"count":0.0,"recent":0.0,"quarters":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"odds":[0.0,-0.05,0.0,0.0,0.0,0.0],"window":1,"gaps":0,"last_gap":null,"room":0.5}', NULL, NULL, '1795432428216665', '1795432428216665', '0', NULL, NULL, 'false', NULL, '0.762973', 'false', '5e50a140c73051556b163c54c48e80e2', '1795446828216665');
SELECT setval('public.sources_id_seq', 3, True);
INSERT INTO "stories" ("id", "published_id", "opened_at") VALUES ('1', 'urn:road:1', '1772359200000000');
INSERT INTO "stories" ("id", "published_id", "opened_at") VALUES ('6', 'urn:rail:1', '1772359200000000');
INSERT INTO "stories" ("id", "published_id", "opened_at") VALUES ('2', 'urn:road:2', '1772362800000000');
INSERT INTO "stories" ("id", "published_id", "opened_at") VALUES ('4', 'urn:river:2', '1772362800000000');
INSERT INTO "stories" ("id", "published_id", "opened_at") VALUES ('5', 'urn:river:3', '1772366400000000');
SELECT setval('public.subscribers_id_seq', 1, False);
INSERT INTO "tombstones" ("identity") VALUES (E'\\x00000000000000032985911da1d0b7fea96e94fc');
INSERT INTO "articles" ("id", "source_id", "key", "identity", "published_id", "published_hash", "title", "link", "link_hash", "published", "updated", "first_seen", "changed_at", "sort_date", "state", "reason", "release_at", "digest", "words", "language", "topics", "last_in_document", "edits", "fingerprint", "past_digests", "note", "is_picked") VALUES ('3', '1', 'urn:river:1', E'\\x00000000000000017a9643e03cb45d1383f5700d', 'urn:river:1', E'\\x7a9643e03cb45d1383f5700d', 'Old bridge over the Lea closed for repairs', 'http://river.example/1', E'\\x16896b5d311400c1a960f8e3', '1772359200000000', NULL, '1795432428223728', '1795432428223728', '1772359200000000', 'out', '', NULL, '1f63e4274e6ab2404a7c2b7bd7c522b185e5af0f', '19', NULL, 'bridges', '1795432427572697', '0', 'ff5c9f8fee023d92', '', '', 'false');
INSERT INTO "articles" ("id", "source_id", "key", "identity", "published_id", "published_hash", "title", "link", "link_hash", "published", "updated", "first_seen", "changed_at", "sort_date", "state", "reason", "release_at", "digest", "words", "language", "topics", "last_in_document", "edits", "fingerprint", "past_digests", "note", "is_picked") VALUES ('1', '2', 'urn:road:1', E'\\x000000000000000297811688f489c1870548497c', 'urn:road:1', E'\\x97811688f489c1870548497c', 'Old bridge over the Lea shut for repairs', 'http://road.example/1', E'\\x34b3fe681a9e96218f24ad14', '1772359200000000', NULL, '1795432428223728', '1795432428223728', '1772359200000000', 'out', '', NULL, '142049acba0fe79c1fb3055306dadeefa078abd0', '18', NULL, 'bridges', '1795432427573578', '0', '213ca1cdd644764b', '', '', 'false');
INSERT INTO "articles" ("id", "source_id", "key", "identity", "published_id", "published_hash", "title", "link", "link_hash", "published", "updated", "first_seen", "changed_at", "sort_date", "state", "reason", "release_at", "digest", "words", "language", "topics", "last_in_document", "edits", "fingerprint", "past_digests", "note", "is_picked") VALUES ('2', '2', 'urn:road:2', E'\\x000000000000000270d23d797de69a5678d68e2c', 'urn:road:2', E'\\x70d23d797de69a5678d68e2c', 'Toll goes up', 'http://road.example/2', E'\\xe0f8b6993d241137f2a514d6', '1772362800000000', NULL, '1795432428223728', '1795432428223728', '1772362800000000', 'out', '', NULL, '2c8b52059404b624d8ae5c510ce024db8de2b7cf', '9', NULL, '', '1795432427573578', '0', '7a7146af67c7f0cd', '', '', 'true');
INSERT INTO "articles" ("id", "source_id", "key", "identity", "published_id", "published_hash", "title", "link", "link_hash", "published", "updated", "first_seen", "changed_at", "sort_date", "state", "reason", "release_at", "digest", "words", "language", "topics", "last_in_document", "edits", "fingerprint", "past_digests", "note", "is_picked") VALUES ('5', '1', 'urn:river:3', E'\\x0000000000000001aa2546ad41df56f0e31f5411', 'urn:river:3', E'\\xaa2546ad41df56f0e31f5411', 'High tide on Thursday', 'http://river.example/3', E'\\x78ac9fa6f71fd7bf28b8be51', '1772366400000000', NULL, '1795432428223728', '1795432428223728', '1772366400000000', 'rejected', 'hidden by hand: known to everybody', NULL, 'a98e04c0cb549b62ea2fcc48acd4f20712629ca2', '6', NULL, '', '1795432427572697', '0', 'f41936c23091db04', '', '', 'false');
INSERT INTO "articles" ("id", "source_id", "key", "identity", "published_id", "published_hash", "title", "link", "link_hash", "published", "updated", "first_seen", "changed_at", "sort_date", "state", "reason", "release_at", "digest", "words", "language", "topics", "last_in_document", "edits", "fingerprint", "past_digests", "note", "is_picked") VALUES ('4', '1', 'urn:river:2', E'\\x00000000000000014f8af586b792aa37b1d5aad0', 'urn:river:2', E'\\x4f8af586b792aa37b1d5aad0', 'Barges wait – 40 of them', 'http://river.example/2', E'\\x9fbe99e259b045ce800e6563', '1772362800000000', NULL, '1795432428223728', '1795432428223728', '1772362800000000', 'out', '', NULL, 'c36a514f2b0a92d9a1f23086853917517a55cff3', '10', NULL, '', '1795432427572697', '0', '3e6d1232390de472', '', 'We counted them.', 'false');
SELECT setval('public.articles_id_seq', 6, True);
INSERT INTO "feeds" ("id", "kind", "slug", "source_id", "uid", "settings", "position", "is_configured", "is_pending", "version", "changed_at", "last_entered", "look", "recent_from", "archived_to", "archive_count", "span", "is_timed") VALUES ('4', 'own', 'problems', NULL, 'urn:uuid:8cd6ec36-f2f6-4586-8f8e-ac047cde4942', '{"slug":"problems","title":"Problems","description":"What is wrong with the sources and feeds, as it is noticed and as it ends.","limit":100}', '0', 'true', 'false', 'cae66941d9efbd404e4d88758ea67670', NULL, '0', '', NULL, '0', '0', '50', 'false');
INSERT INTO "feeds" ("id", "kind", "slug", "source_id", "uid", "settings", "position", "is_configured", "is_pending", "version", "changed_at", "last_entered", "look", "recent_from", "archived_to", "archive_count", "span", "is_timed") VALUES ('6', 'feed', 'all', NULL, 'urn:uuid:de526e48-0b09-4380-8ff2-f659a61078b6', '{"slug":"all","title":"All","limit":100,"duplicates":"story"}', '1', 'true', 'false', 'f9a713921e38913272762490f86a444e', '1795432437233759', '6', '', '1795259637233759', '0', '0', '100', 'false');
INSERT INTO "feeds" ("id", "kind", "slug", "source_id", "uid", "settings", "position", "is_configured", "is_pending", "version", "changed_at", "last_entered", "look", "recent_from", "archived_to", "archive_count", "span", "is_timed") VALUES ('5', 'topic', 'bridges', NULL, 'urn:uuid:0237687d-d28a-4be4-8a3a-83e2b09a4114', '{"slug":"bridges","title":"Bridges","query":"bridge*"}', '0', 'true', 'false', 'c25528c99b4fc99ffccffa6e3b3a1476', '1795432427573578', '2', '', '1795259627573578', '0', '0', '50', 'false');
INSERT INTO "feeds" ("id", "kind", "slug", "source_id", "uid", "settings", "position", "is_configured", "is_pending", "version", "changed_at", "last_entered", "look", "recent_from", "archived_to", "archive_count", "span", "is_timed") VALUES ('2', 'source', 'road', '2', 'urn:uuid:7737e582-1d97-4092-b6be-3d41756e0730', NULL, '1', 'true', 'false', 'aa1cd5921e6d1105845ab526b8d05e7e', '1795432430168509', '2', '6068f23b841bc7d79bb5a75e42bd67ee', '1795259630168509', '0', '0', '50', 'false');
INSERT INTO "feeds" ("id", "kind", "slug", "source_id", "uid", "settings", "position", "is_configured", "is_pending", "version", "changed_at", "last_entered", "look", "recent_from", "archived_to", "archive_count", "span", "is_timed") VALUES ('1', 'source', 'river', '1', 'urn:uuid:f201ff34-7315-4fee-bd2c-5d6fa3b81eba', NULL, '0', 'true', 'false', '0d83da3152c2601e5b4c3e1454a2905a', '1795432434721137', '3', '1fc0bb4ad9972d41146c17e9987eb68d', '1795259634721137', '0', '0', '50', 'false');
INSERT INTO "feeds" ("id", "kind", "slug", "source_id", "uid", "settings", "position", "is_configured", "is_pending", "version", "changed_at", "last_entered", "look", "recent_from", "archived_to", "archive_count", "span", "is_timed") VALUES ('7', 'feed', 'inner-circle', NULL, 'urn:uuid:cf18aa78-34ec-49e6-bcbb-0884934cefc4', '{"slug":"inner-circle","title":"Inner circle","query":"tag:water OR picked:true","access":"token"}', '2', 'true', 'false', '7a0b1c17975ab0c8da32bd6f5bc8b512', '1795432434721137', '4', '', '1795259634721137', '0', '0', '50', 'false');
INSERT INTO "feeds" ("id", "kind", "slug", "source_id", "uid", "settings", "position", "is_configured", "is_pending", "version", "changed_at", "last_entered", "look", "recent_from", "archived_to", "archive_count", "span", "is_timed") VALUES ('3', 'source', 'rail', '3', 'urn:uuid:a54c91a7-4c20-40f1-a3bb-0907a729b7fd', NULL, '2', 'true', 'false', '4d94867255809af3e79eac7be34bd97c', '1795432437233759', '1', 'e32c7dee84b15764ffa899d39636250d', '1795259637233759', '0', '0', '50', 'false');
SELECT setval('public.feeds_id_seq', 7, True);
SELECT setval('public.inbox_id_seq', 1, False);
SELECT setval('public.mailings_id_seq', 1, False);
INSERT INTO "source_slugs" ("slug", "source_id") VALUES ('river', '1');
INSERT INTO "source_slugs" ("slug", "source_id") VALUES ('road', '2');
INSERT INTO "source_slugs" ("slug", "source_id") VALUES ('rail', '3');
SELECT setval('public.subscriptions_id_seq', 1, False);
INSERT INTO "traces" ("source_id", "trace") VALUES ('1', E'\\x5b2239613935633132316431353639633432222c5b5b2275726e3a72697665723a31222c2231663633653432373465366162323430346137633262376264376335323262313835653561663066222c2230646264383663636135373137303662225d2c5b2275726e3a72697665723a32222c2263333661353134663262306139326439613166323330383638353339313735313761353563666633222c2234303463653033393231346530363465225d2c5b2275726e3a72697665723a33222c2261393865303463306362353439623632656132666363343861636434663230373132363239636132222c2238633062656661356162373561353235225d5d5d');
INSERT INTO "traces" ("source_id", "trace") VALUES ('2', E'\\x5b2263376464366637356437346137623665222c5b5b2275726e3a726f61643a31222c2231343230343961636261306665373963316662333035353330366461646565666130373861626430222c2237666231346639313365373366313461225d2c5b2275726e3a726f61643a32222c2232633862353230353934303462363234643861653563353130636530323464623864653262376366222c2234303631313266323661333261386665225d5d5d');
INSERT INTO "traces" ("source_id", "trace") VALUES ('3', E'\\x5b2235306662646335613263356161363431222c5b5b2275726e3a7261696c3a31222c2264353737653536353561666638373433313831363266386266626531373930303361313464636535222c2235386335666433633234666339306138225d5d5d');
INSERT INTO "bodies" ("article_id", "entry") VALUES ('1', E'\\x28b52ffd604000350700061033215087d60143e3d877a6f1e3938c96242b1ed556451c4600aaff440bc185cccc0c2727002b002800fab1e97c9c54f6007537f5bd20aa37fafda20d0576adc3f9e681338b56ade6f8abf967d7f65b848b9620ada406542a28a9904852b26bdb9d7c70791cc4a1e360033720c872e674bb96691e5cb4f21f3bfe016b6897113295fc50c79e7b288a2deafb73b49bc85c364f19c6cf94b59b273695ef050fe0d9e17864099b7ae1852271736fee44521088a42c4d3186c25be28531e3909283dab5537ae3f5a2855a2bfbe36351080029a382cda982eff6308bd677a0b13200c31a1b329b');
INSERT INTO "bodies" ("article_id", "entry") VALUES ('2', E'\\x28b52ffd20f5e5050092cd2a205047ac03436322196ee0bb4311c3ab9751357a1145d407db4b2407cc6e660643095f9400a6ba25ac1d6a5b590351905e493bd4811d7b209055084b14753e9dcdb8f684e0cf2661c1d30dcce3649cc8817241ad9bb9d07468b6a7c28864850b5a20450272394e9d4f1fd8e55d368c84b105802d1cd4aa2698eeb11a9fae8a7ed159066d680bcaa2e04829c1f9cde3ded36345b32183de8389f3fb51470fba79bae2b6a0e447d6f39b3b42040060c4688e705e860036643601');
INSERT INTO "bodies" ("article_id", "entry") VALUES ('3', E'\\x28b52ffd604b005d0700a6d034215087b801436368af642f41278f9d7ca9b8ce8ca9b21d4dd14acb862b723233832129002d002900f9af496ef81e26b705b29d98df8e97bd60ff96fc1028d37ea2c7836628a28a7d3bfc99fb4899b22b428d082aa2058925a550a9704885c44a4b99723bd09f1641493f50630dda90240c8ad151a60ce78f220adf17ea0f866f8792dd631a268c9ece93c1ec33b9c92e7a4dc26f87737ec766f360d9bd81740feee3653b8adf4609daa466118d00506d2d04b3705bda62965592b2da265a5996d28744a3946984bd705624403185fcefa188060700052346c04a4f0ca3f51d6c2c39904188dc3cc7');
INSERT INTO "bodies" ("article_id", "entry") VALUES ('4', E'\\x28b52ffd601000050700d20e332d80a9e998111d3556183d0616da0424fb16d97daf8988cc6e4b429a2e3b55980ab299b5b664afb4a6687244f612086724096a9ab878cde23d4cc37018cb40e9c527824fdc069414af890e039d5f693b6474b78f4fa38941eeae28384c181a26b3b36eaaf5541b8d44da1c84a4a1ab658d020f92a644eac40266b4ac07bd3bc12eeff27b036f13cc261cb8f0fca8272aabc623bb3b5cbacaac68d0cab27056eb743e75c9eaee564fb549585b455b488868554648a3ed9811e0fcaeaaac91a6ee0e7976819c7ccdc7f991fc410500132c1c1ba76d6006870a2de4e63906');
INSERT INTO "bodies" ("article_id", "entry") VALUES ('5', E'\\x28b52ffd20f9ed0500920d2b215067ac0343c1dc7713fa1449144348af1eb1d8a988a982ff04f270c06ccccc1006075fac316b594861d741718d1994d60e8bf55a1c460170da3665dbc0b0f32b6d0474570b9fbaa920b8ba417bd69609310aa929948a0925dad161b55f33999411bdbac02eeff2421a6409c91296b5eb7cd78fc2e844d0d593a3232459411bc7c150adeffcc403e3d517ccd119bd263d8ad40ed6f41030e0fc8e15d64527ae9ef0ec0138f999d1f90ede20040067cc303f02fa0957e1e68907');
SELECT setval('public.events_id_seq', 1, False);
SELECT setval('public.hub_requests_id_seq', 1, False);
SELECT setval('public.hub_subscriptions_id_seq', 1, False);
INSERT INTO "marks" ("id", "article_id", "kind", "words", "who", "at", "before", "undone_at", "undone_by") VALUES ('1', '2', 'pick', '', 'Ada', '1795432430168509', '["out", "", null, false, ""]', NULL, NULL);
INSERT INTO "marks" ("id", "article_id", "kind", "words", "who", "at", "before", "undone_at", "undone_by") VALUES ('2', '5', 'hide', 'known to everybody', 'Ada', '1795432432413674', '["out", "", null, false, ""]', NULL, NULL);
INSERT INTO "marks" ("id", "article_id", "kind", "words", "who", "at", "before", "undone_at", "undone_by") VALUES ('3', '4', 'note', 'We counted them.', 'Ada', '1795432434721137', '["out", "", null, false, ""]', NULL, NULL);
SELECT setval('public.marks_id_seq', 3, True);
INSERT INTO "placements" ("feed_id", "article_id", "sort_date", "entered", "entered_at", "why", "touched_at") VALUES ('1', '3', '1772359200000000', '1', '1795432427572697', 'source: river', '1772359200000000');
INSERT INTO "placements" ("feed_id", "article_id", "sort_date", "entered", "entered_at", "why", "touched_at") VALUES ('1', '4', '1772362800000000', '2', '1795432427572697', 'source: river', '1772362800000000');
INSERT INTO "placements" ("feed_id", "article_id", "sort_date", "entered", "entered_at", "why", "touched_at") VALUES ('2', '1', '1772359200000000', '1', '1795432427573578', 'source: road', '1772359200000000');
INSERT INTO "placements" ("feed_id", "article_id", "sort_date", "entered", "entered_at", "why", "touched_at") VALUES ('5', '1', '1772359200000000', '1', '1795432427573578', 'title: bridge*', '1772359200000000');
INSERT INTO "placements" ("feed_id", "article_id", "sort_date", "entered", "entered_at", "why", "touched_at") VALUES ('5', '3', '1772359200000000', '2', '1795432427572697', 'title: bridge*', '1772359200000000');
INSERT INTO "placements" ("feed_id", "article_id", "sort_date", "entered", "entered_at", "why", "touched_at") VALUES ('6', '1', '1772359200000000', '1', '1795432427573578', 'everything', '1772359200000000');
INSERT INTO "placements" ("feed_id", "article_id", "sort_date", "entered", "entered_at", "why", "touched_at") VALUES ('6', '3', '1772359200000000', '2', '1795432427572697', 'everything', '1772359200000000');
INSERT INTO "placements" ("feed_id", "article_id", "sort_date", "entered", "entered_at", "why", "touched_at") VALUES ('6', '4', '1772362800000000', '5', '1795432427572697', 'everything', '1772362800000000');
INSERT INTO "placements" ("feed_id", "article_id", "sort_date", "entered", "entered_at", "why", "touched_at") VALUES ('7', '3', '1772359200000000', '1', '1795432427572697', 'tag: water', '1772359200000000');
INSERT INTO "placements" ("feed_id", "article_id", "sort_date", "entered", "entered_at", "why", "touched_at") VALUES ('7', '4', '1772362800000000', '2', '1795432427572697', 'tag: water', '1772362800000000');
INSERT INTO "placements" ("feed_id", "article_id", "sort_date", "entered", "entered_at", "why", "touched_at") VALUES ('6', '2', '1772362800000000', '4', '1795432427573578', 'everything', '1795432430168509');
INSERT INTO "placements" ("feed_id", "article_id", "sort_date", "entered", "entered_at", "why", "touched_at") VALUES ('2', '2', '1772362800000000', '2', '1795432427573578', 'source: road', '1795432430168509');
INSERT INTO "placements" ("feed_id", "article_id", "sort_date", "entered", "entered_at", "why", "touched_at") VALUES ('7', '2', '1772362800000000', '4', '1795432430168509', 'picked: true', '1795432430168509');
INSERT INTO "story_members" ("article_id", "story_id", "text_id", "link_id", "tie", "score", "outlet", "link", "sketch", "at", "revision") VALUES ('1', '1', '1', '1', 'first', '0', 'road', 'road.example/1', 'old bridge lea shut repairs
divers found crack second pier old bridge lea closed
lea
', '1772359200000000', '1');
INSERT INTO "story_members" ("article_id", "story_id", "text_id", "link_id", "tie", "score", "outlet", "link", "sketch", "at", "revision") VALUES ('3', '1', '1', '3', 'text', '799', 'river', 'river.example/1', 'old bridge lea closed repairs
old bridge lea closed monday divers found crack second pier
lea
', '1772359200000000', '1');
INSERT INTO "story_members" ("article_id", "story_id", "text_id", "link_id", "tie", "score", "outlet", "link", "sketch", "at", "revision") VALUES ('2', '2', '2', '2', 'first', '0', 'road', 'road.example/2', 'toll goes
toll four pounds asked spring
toll
', '1772362800000000', '1');
INSERT INTO "story_members" ("article_id", "story_id", "text_id", "link_id", "tie", "score", "outlet", "link", "sketch", "at", "revision") VALUES ('4', '4', '4', '4', 'first', '0', 'river', 'river.example/2', 'barges wait 40
forty wait patience keeper 桟橋
barges
40', '1772362800000000', '1');
INSERT INTO "story_members" ("article_id", "story_id", "text_id", "link_id", "tie", "score", "outlet", "link", "sketch", "at", "revision") VALUES ('5', '5', '5', '5', 'first', '0', 'river', 'river.example/3', 'high tide thursday
tide tables promise metres

7.1', '1772366400000000', '1');
INSERT INTO "tokens" ("id", "feed_id", "name", "hash", "made_at") VALUES ('1', '7', 'Ben', E'\\x5d4bb6c8cb0fd44fe9a8ca1365c2e8348f10834eb8e2ca1809d92c27ef943f40', '1795432435720560');
SELECT setval('public.tokens_id_seq', 1, True);
SELECT setval('public.webhook_calls_id_seq', 1, False);
INSERT INTO "alembic_version" ("version_num") VALUES ('0017');
INSERT INTO "article_words" ("article_id", "words") VALUES ('1', '''a'' ''bridge'' ''closed'' ''crack'' ''divers'' ''for'' ''found'' ''in'' ''lea'' ''of'' ''old'' ''over'' ''pier'' ''repairs'' ''second'' ''shut'' ''the'' ''was'' ''which''');
INSERT INTO "article_words" ("article_id", "words") VALUES ('2', '''a'' ''asked'' ''four'' ''from'' ''goes'' ''is'' ''of'' ''pounds'' ''spring'' ''toll'' ''up''');
INSERT INTO "article_words" ("article_id", "words") VALUES ('3', '''a'' ''after'' ''bridge'' ''closed'' ''crack'' ''divers'' ''for'' ''found'' ''in'' ''its'' ''lea'' ''monday'' ''old'' ''on'' ''over'' ''pier'' ''repairs'' ''second'' ''the'' ''was''');
INSERT INTO "article_words" ("article_id", "words") VALUES ('4', '''40'' ''barges'' ''forty'' ''keeper'' ''of'' ''patience'' ''says'' ''the'' ''them'' ''wait'' ''桟'' ''橋''');
INSERT INTO "article_words" ("article_id", "words") VALUES ('5', '''1'' ''7'' ''high'' ''metres'' ''on'' ''promise'' ''tables'' ''the'' ''thursday'' ''tide''');
