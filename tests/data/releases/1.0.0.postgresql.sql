CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE applied (
	id INTEGER NOT NULL, 
	digest TEXT NOT NULL, 
	host TEXT NOT NULL, 
	configuration TEXT NOT NULL, 
	look TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	judged BIGINT, 
	CONSTRAINT applied_pk PRIMARY KEY (id)
);
CREATE TABLE source_lists (
	place TEXT NOT NULL, 
	body BYTEA, 
	digest TEXT, 
	etag TEXT, 
	last_modified TEXT, 
	validators_url TEXT, 
	reason TEXT, 
	checked_at BIGINT NOT NULL, 
	read_at BIGINT, 
	CONSTRAINT source_lists_pk PRIMARY KEY (place)
);
CREATE TABLE sources (
	id BIGSERIAL NOT NULL, 
	slug TEXT NOT NULL, 
	url TEXT NOT NULL, 
	settings TEXT NOT NULL, 
	place TEXT NOT NULL, 
	first_url TEXT NOT NULL, 
	host TEXT NOT NULL, 
	next_why TEXT NOT NULL, 
	name TEXT, 
	handle TEXT, 
	info TEXT, 
	hints TEXT, 
	settled TEXT, 
	moved_url TEXT, 
	etag TEXT, 
	last_modified TEXT, 
	validators_url TEXT, 
	body_hash TEXT, 
	rhythm TEXT, 
	sighted_url TEXT, 
	sighted_by TEXT, 
	claim_token TEXT, 
	failure_kind TEXT, 
	reason TEXT, 
	keep_s BIGINT NOT NULL, 
	position INTEGER NOT NULL, 
	sighted_count INTEGER NOT NULL, 
	failures INTEGER NOT NULL, 
	entry_count INTEGER, 
	reads_pages BOOLEAN NOT NULL, 
	is_configured BOOLEAN NOT NULL, 
	is_gone BOOLEAN NOT NULL, 
	added_at BIGINT NOT NULL, 
	due_at BIGINT NOT NULL, 
	imported_at BIGINT, 
	document_at BIGINT, 
	settled_until BIGINT, 
	not_before BIGINT, 
	sighted_first BIGINT, 
	sighted_last BIGINT, 
	claimed_until BIGINT, 
	last_poll BIGINT, 
	last_success BIGINT, 
	late_s FLOAT, 
	CONSTRAINT sources_pk PRIMARY KEY (id), 
	CONSTRAINT sources_slug_key UNIQUE (slug)
);
CREATE INDEX sources_due ON sources (due_at, id) WHERE is_configured AND NOT is_gone;
CREATE INDEX sources_claimed ON sources (claimed_until, host) WHERE claimed_until IS NOT NULL;
CREATE INDEX sources_unwell ON sources (is_configured, is_gone, failures, failure_kind, last_success) WHERE NOT is_configured OR is_gone OR failures > 0 OR failure_kind IS NOT NULL OR last_success IS NULL;
CREATE TABLE source_slugs (
	slug TEXT NOT NULL, 
	source_id BIGINT NOT NULL, 
	CONSTRAINT source_slugs_pk PRIMARY KEY (slug), 
	CONSTRAINT source_slugs_source_id_fk FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE
);
CREATE INDEX source_slugs_source_id ON source_slugs (source_id);
CREATE TABLE traces (
	source_id BIGINT NOT NULL, 
	trace BYTEA NOT NULL, 
	CONSTRAINT traces_pk PRIMARY KEY (source_id), 
	CONSTRAINT traces_source_id_fk FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE
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
CREATE TABLE robots (
	origin TEXT NOT NULL, 
	until BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	text TEXT NOT NULL, 
	CONSTRAINT robots_pk PRIMARY KEY (origin)
);
CREATE TABLE articles (
	id BIGSERIAL NOT NULL, 
	source_id BIGINT NOT NULL, 
	identity BYTEA NOT NULL, 
	published_hash BYTEA NOT NULL, 
	link_hash BYTEA, 
	key TEXT NOT NULL, 
	published_id TEXT NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	topics TEXT NOT NULL, 
	fingerprint TEXT NOT NULL, 
	past_digests TEXT NOT NULL, 
	link TEXT, 
	language TEXT, 
	first_seen BIGINT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	sort_date BIGINT NOT NULL, 
	last_in_document BIGINT NOT NULL, 
	published BIGINT, 
	updated BIGINT, 
	release_at BIGINT, 
	edits INTEGER NOT NULL, 
	is_picked BOOLEAN DEFAULT false NOT NULL, 
	note TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT articles_pk PRIMARY KEY (id), 
	CONSTRAINT articles_source_id_fk FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE, 
	CONSTRAINT articles_identity_key UNIQUE (identity), 
	CONSTRAINT articles_published_hash_key UNIQUE (published_hash)
);
CREATE INDEX articles_link_hash ON articles (link_hash);
CREATE INDEX articles_newest ON articles (sort_date, id);
CREATE INDEX articles_of_source ON articles (source_id, sort_date);
CREATE INDEX articles_held ON articles (release_at) WHERE state = 'held';
CREATE TABLE bodies (
	article_id BIGINT NOT NULL, 
	entry BYTEA NOT NULL, 
	CONSTRAINT bodies_pk PRIMARY KEY (article_id), 
	CONSTRAINT bodies_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE TABLE tombstones (
	identity BYTEA NOT NULL, 
	CONSTRAINT tombstones_pk PRIMARY KEY (identity)
);
CREATE TABLE article_words (
	article_id BIGINT NOT NULL, 
	words TSVECTOR NOT NULL, 
	CONSTRAINT article_words_pk PRIMARY KEY (article_id), 
	CONSTRAINT article_words_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE INDEX article_words_words ON article_words USING gin (words);
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
	before TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	undone_at BIGINT, 
	undone_by TEXT, 
	CONSTRAINT marks_pk PRIMARY KEY (id), 
	CONSTRAINT marks_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE INDEX marks_article_id ON marks (article_id);
CREATE INDEX marks_newest ON marks (at, id);
CREATE TABLE page_texts (
	article_id BIGINT NOT NULL, 
	link_hash BYTEA NOT NULL, 
	body BYTEA, 
	host TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	due_at BIGINT, 
	fetched_at BIGINT, 
	tries INTEGER NOT NULL, 
	words INTEGER NOT NULL, 
	CONSTRAINT page_texts_pk PRIMARY KEY (article_id), 
	CONSTRAINT page_texts_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE INDEX page_texts_due ON page_texts (due_at) WHERE due_at IS NOT NULL;
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
	outlet TEXT NOT NULL, 
	sketch TEXT NOT NULL, 
	link TEXT, 
	score INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	revision BIGINT NOT NULL, 
	CONSTRAINT story_members_pk PRIMARY KEY (article_id), 
	CONSTRAINT story_members_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE, 
	CONSTRAINT story_members_story_id_fk FOREIGN KEY(story_id) REFERENCES stories (id)
);
CREATE INDEX story_members_revision ON story_members (revision);
CREATE INDEX story_members_story_id ON story_members (story_id);
CREATE TABLE story_relations (
	story_id BIGINT NOT NULL, 
	other_id BIGINT NOT NULL, 
	score INTEGER NOT NULL, 
	CONSTRAINT story_relations_pk PRIMARY KEY (story_id, other_id), 
	CONSTRAINT story_relations_story_id_fk FOREIGN KEY(story_id) REFERENCES stories (id) ON DELETE CASCADE, 
	CONSTRAINT story_relations_other_id_fk FOREIGN KEY(other_id) REFERENCES stories (id) ON DELETE CASCADE
);
CREATE TABLE feeds (
	id BIGSERIAL NOT NULL, 
	kind TEXT NOT NULL, 
	slug TEXT NOT NULL, 
	uid TEXT NOT NULL, 
	version TEXT NOT NULL, 
	source_id BIGINT, 
	settings TEXT, 
	position INTEGER NOT NULL, 
	is_configured BOOLEAN NOT NULL, 
	is_pending BOOLEAN NOT NULL, 
	last_entered BIGINT NOT NULL, 
	changed_at BIGINT, 
	recent_from BIGINT, 
	look TEXT DEFAULT '' NOT NULL, 
	archived_to BIGINT DEFAULT '0' NOT NULL, 
	archive_count INTEGER DEFAULT '0' NOT NULL, 
	span INTEGER DEFAULT '50' NOT NULL, 
	is_timed BOOLEAN DEFAULT false NOT NULL, 
	CONSTRAINT feeds_pk PRIMARY KEY (id), 
	CONSTRAINT feeds_kind_slug_key UNIQUE (kind, slug), 
	CONSTRAINT feeds_source_id_key UNIQUE (source_id), 
	CONSTRAINT feeds_source_id_fk FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE
);
CREATE INDEX feeds_made ON feeds (id) WHERE source_id IS NULL;
CREATE INDEX feeds_changed ON feeds (changed_at, id) WHERE source_id IS NOT NULL;
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
CREATE TABLE placements (
	feed_id BIGINT NOT NULL, 
	article_id BIGINT NOT NULL, 
	entered BIGINT NOT NULL, 
	sort_date BIGINT NOT NULL, 
	entered_at BIGINT NOT NULL, 
	touched_at BIGINT NOT NULL, 
	why TEXT NOT NULL, 
	CONSTRAINT placements_pk PRIMARY KEY (feed_id, article_id), 
	CONSTRAINT placements_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE, 
	CONSTRAINT placements_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE INDEX placements_article_id ON placements (article_id);
CREATE INDEX placements_touched ON placements (feed_id, touched_at);
CREATE INDEX placements_entered ON placements (feed_id, entered);
CREATE INDEX placements_newest ON placements (feed_id, sort_date, article_id);
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
CREATE TABLE issues (
	feed_id BIGINT NOT NULL, 
	number INTEGER NOT NULL, 
	uid TEXT NOT NULL, 
	since BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	first BIGINT NOT NULL, 
	last BIGINT NOT NULL, 
	CONSTRAINT issues_pk PRIMARY KEY (feed_id, number), 
	CONSTRAINT issues_feed_id_at_key UNIQUE (feed_id, at), 
	CONSTRAINT issues_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE
);
CREATE TABLE counters (
	name TEXT NOT NULL, 
	label TEXT NOT NULL, 
	total BIGINT NOT NULL, 
	CONSTRAINT counters_pk PRIMARY KEY (name, label)
);
CREATE TABLE turns (
	chore TEXT NOT NULL, 
	taken_at BIGINT NOT NULL, 
	CONSTRAINT turns_pk PRIMARY KEY (chore)
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
	host TEXT NOT NULL, 
	mode TEXT NOT NULL, 
	callback TEXT NOT NULL, 
	topic TEXT NOT NULL, 
	suffix TEXT NOT NULL, 
	secret TEXT, 
	claim_token TEXT, 
	feed_id BIGINT NOT NULL, 
	lease_s INTEGER NOT NULL, 
	tries INTEGER NOT NULL, 
	due_at BIGINT NOT NULL, 
	claimed_until BIGINT, 
	CONSTRAINT hub_requests_pk PRIMARY KEY (id), 
	CONSTRAINT hub_requests_identity_key UNIQUE (identity), 
	CONSTRAINT hub_requests_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE
);
CREATE INDEX hub_requests_due_at ON hub_requests (due_at);
CREATE INDEX hub_requests_feed_id ON hub_requests (feed_id);
CREATE INDEX hub_requests_host ON hub_requests (host);
CREATE TABLE hub_subscriptions (
	id BIGSERIAL NOT NULL, 
	identity BYTEA NOT NULL, 
	callback TEXT NOT NULL, 
	host TEXT NOT NULL, 
	topic TEXT NOT NULL, 
	suffix TEXT NOT NULL, 
	version TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	secret TEXT, 
	claim_token TEXT, 
	feed_id BIGINT NOT NULL, 
	expires_at BIGINT, 
	claimed_until BIGINT, 
	due_at BIGINT, 
	delivered_at BIGINT, 
	failures INTEGER NOT NULL, 
	is_slow BOOLEAN NOT NULL, 
	CONSTRAINT hub_subscriptions_pk PRIMARY KEY (id), 
	CONSTRAINT hub_subscriptions_identity_key UNIQUE (identity), 
	CONSTRAINT hub_subscriptions_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE
);
CREATE INDEX hub_subscriptions_expires_at ON hub_subscriptions (expires_at);
CREATE INDEX hub_subscriptions_feed_id ON hub_subscriptions (feed_id);
CREATE INDEX hub_subscriptions_claimed_until ON hub_subscriptions (claimed_until);
CREATE INDEX hub_subscriptions_due ON hub_subscriptions (due_at, id) WHERE due_at IS NOT NULL;
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
	reason TEXT NOT NULL, 
	claim_token TEXT, 
	due_at BIGINT NOT NULL, 
	expires_at BIGINT, 
	delivered_at BIGINT, 
	claimed_until BIGINT, 
	is_proven BOOLEAN NOT NULL, 
	failures INTEGER NOT NULL, 
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
	CONSTRAINT inbox_pk PRIMARY KEY (id), 
	CONSTRAINT inbox_source_id_fk FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE
);
CREATE INDEX inbox_source_id ON inbox (source_id);
CREATE TABLE subscribers (
	id BIGSERIAL NOT NULL, 
	newsletter TEXT NOT NULL, 
	address TEXT NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	identity BYTEA NOT NULL, 
	token TEXT NOT NULL, 
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
	reason TEXT NOT NULL, 
	due_at BIGINT, 
	tries INTEGER NOT NULL, 
	CONSTRAINT mailings_pk PRIMARY KEY (id), 
	CONSTRAINT mailings_edition_id_subscriber_id_key UNIQUE (edition_id, subscriber_id), 
	CONSTRAINT mailings_edition_id_fk FOREIGN KEY(edition_id) REFERENCES newsletter_editions (id) ON DELETE CASCADE, 
	CONSTRAINT mailings_subscriber_id_fk FOREIGN KEY(subscriber_id) REFERENCES subscribers (id) ON DELETE CASCADE
);
CREATE INDEX mailings_due_at ON mailings (due_at);
CREATE INDEX mailings_subscriber_id ON mailings (subscriber_id);
CREATE INDEX mailings_edition_id ON mailings (edition_id);
CREATE TABLE webhooks (
	slug TEXT NOT NULL, 
	feed_id BIGINT NOT NULL, 
	told BIGINT NOT NULL, 
	told_at BIGINT NOT NULL, 
	CONSTRAINT webhooks_pk PRIMARY KEY (slug), 
	CONSTRAINT webhooks_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE
);
CREATE INDEX webhooks_feed_id ON webhooks (feed_id);
CREATE TABLE webhook_calls (
	id BIGSERIAL NOT NULL, 
	webhook TEXT NOT NULL, 
	article_id BIGINT NOT NULL, 
	due_at BIGINT NOT NULL, 
	tries INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	CONSTRAINT webhook_calls_pk PRIMARY KEY (id), 
	CONSTRAINT webhook_calls_webhook_fk FOREIGN KEY(webhook) REFERENCES webhooks (slug) ON DELETE CASCADE, 
	CONSTRAINT webhook_calls_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE INDEX webhook_calls_article_id ON webhook_calls (article_id);
CREATE INDEX webhook_calls_webhook ON webhook_calls (webhook);
CREATE INDEX webhook_calls_due_at ON webhook_calls (due_at);
INSERT INTO "applied" ("id", "digest", "host", "configuration", "look", "at", "judged") VALUES ('1', '2c70abb95cb229889ea3ae79cc1975113cf60a02448a9f09c0383b66a2e1da93', 'vm', '{"site":{"title":"The Old Paper","url":"https://old.paper.example","contact":"editor@paper.example","hub":"https://old.paper.example/hub"},"database":"","fetch":{"allow_private":["127.0.0.1:40973"],"spacing_s":0.0},"topics":[{"slug":"bridges","title":"Bridges","query":"bridge*"}],"feeds":[{"slug":"all","title":"All","limit":100,"duplicates":"story"},{"slug":"inner-circle","title":"Inner circle","query":"tag:water OR picked:true","access":"token"}]}', '4e8d7231fa81e62a2f19f967fcb34d30', '1795444486115673', NULL);
INSERT INTO "counters" ("name", "label", "total") VALUES ('articles', 'new', '6');
INSERT INTO "counters" ("name", "label", "total") VALUES ('polls', 'new', '3');
INSERT INTO "ledger" ("day", "name", "polls", "requests", "not_modified", "bytes", "waits", "refusals", "failures") VALUES ('20780', '127.0.0.1:40973', '3', '3', '0', '1765', '0', '0', '0');
SELECT setval('public.newsletter_editions_id_seq', 1, False);
SELECT setval('public.problems_id_seq', 1, False);
INSERT INTO "sources" ("id", "slug", "url", "settings", "place", "first_url", "host", "next_why", "name", "handle", "info", "hints", "settled", "moved_url", "etag", "last_modified", "validators_url", "body_hash", "rhythm", "sighted_url", "sighted_by", "claim_token", "failure_kind", "reason", "keep_s", "position", "sighted_count", "failures", "entry_count", "reads_pages", "is_configured", "is_gone", "added_at", "due_at", "imported_at", "document_at", "settled_until", "not_before", "sighted_first", "sighted_last", "claimed_until", "last_poll", "last_success", "late_s") VALUES ('1', 'river', 'http://127.0.0.1:40973/river', '{"url":"http://127.0.0.1:40973/river","name":"River","tags":["water"],"initial_items":100}', 'old.yaml:7', 'http://127.0.0.1:40973/river', '127.0.0.1:40973', 'every 1 d: the server sends neither ETag nor Last-Modified', 'River', NULL, '{"title":"river"}', '{}', 'bf37b6c136c6e01560fe59f1d3f59f4c', NULL, NULL, NULL, 'http://127.0.0.1:40973/river', 'efee546c8ae0f7f60cb6ad3bcfd49216', '{"learnt_at":1795444487,"since":1772359200,"newest":1772366400,"count":0.103,"recent":0.0,"quarters":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.05,0,0,0,0.05,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"odds":[-0.14,-0.25,0.0,-0.2,-0.2,-0.07],"window":3,"gaps":0,"last_gap":null,"room":0.5}', NULL, NULL, NULL, NULL, NULL, '31536000', '0', '0', '0', '3', 'false', 'true', 'false', '1795444486115673', '1795531962378042', '1795444486580962', '1795444486216275', '1795458886216275', NULL, NULL, NULL, NULL, '1795444486216275', '1795444486216275', '0.100602');
INSERT INTO "sources" ("id", "slug", "url", "settings", "place", "first_url", "host", "next_why", "name", "handle", "info", "hints", "settled", "moved_url", "etag", "last_modified", "validators_url", "body_hash", "rhythm", "sighted_url", "sighted_by", "claim_token", "failure_kind", "reason", "keep_s", "position", "sighted_count", "failures", "entry_count", "reads_pages", "is_configured", "is_gone", "added_at", "due_at", "imported_at", "document_at", "settled_until", "not_before", "sighted_first", "sighted_last", "claimed_until", "last_poll", "last_success", "late_s") VALUES ('2', 'road', 'http://127.0.0.1:40973/road', '{"url":"http://127.0.0.1:40973/road","name":"Road","initial_items":100}', 'old.yaml:8', 'http://127.0.0.1:40973/road', '127.0.0.1:40973', 'every 1 d: the server sends neither ETag nor Last-Modified', 'Road', NULL, '{"title":"road"}', '{}', 'f22ff09882bd764ad21e2f49dea20b3a', NULL, NULL, NULL, 'http://127.0.0.1:40973/road', '033eb16d8461d1e6437bd4898c26062d', '{"learnt_at":1795444487,"since":1772359200,"newest":1772362800,"count":0.051,"recent":0.0,"quarters":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.05,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"odds":[0.0,-0.05,0.0,0.0,0.0,0.0],"window":2,"gaps":0,"last_gap":null,"room":0.5}', NULL, NULL, NULL, NULL, NULL, '31536000', '1', '0', '0', '2', 'false', 'true', 'false', '1795444486115673', '1795532091485031', '1795444486580962', '1795444486237184', '1795458886237184', NULL, NULL, NULL, NULL, '1795444486237184', '1795444486237184', '0.121511');
INSERT INTO "sources" ("id", "slug", "url", "settings", "place", "first_url", "host", "next_why", "name", "handle", "info", "hints", "settled", "moved_url", "etag", "last_modified", "validators_url", "body_hash", "rhythm", "sighted_url", "sighted_by", "claim_token", "failure_kind", "reason", "keep_s", "position", "sighted_count", "failures", "entry_count", "reads_pages", "is_configured", "is_gone", "added_at", "due_at", "imported_at", "document_at", "settled_until", "not_before", "sighted_first", "sighted_last", "claimed_until", "last_poll", "last_success", "late_s") VALUES ('3', 'rail', 'http://127.0.0.1:40973/rail', '{"url":"http://127.0.0.1:40973/rail","name":"Rail","initial_items":100}', 'old.yaml:9', 'http://127.0.0.1:40973/rail', '127.0.0.1:40973', 'every 1 d: the server sends neither ETag nor Last-Modified', 'Rail', NULL, '{"title":"rail"}', '{}', '5e50a140c73051556b163c54c48e80e2', NULL, NULL, NULL, 'http://127.0.0.1:40973/rail', '0589530cc856ed4595b11a008777e03d', '{"learnt_at":1795444487,"since":1772359200,"newest":1772359200,"count":0.0,"recent":0.0,"quarters":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"odds":[0.0,-0.05,0.0,0.0,0.0,0.0],"window":1,"gaps":0,"last_gap":null,"room":0.5}', NULL, NULL, NULL, NULL, NULL, '31536000', '2', '0', '0', '1', 'false', 'true', 'false', '1795444486115673', '1795531740717369', '1795444486580962', '1795444486574220', '1795458886574220', NULL, NULL, NULL, NULL, '1795444486574220', '1795444486574220', '0.458547');
SELECT setval('public.sources_id_seq', 3, True);
INSERT INTO "stories" ("id", "published_id", "opened_at") VALUES ('1', 'urn:road:1', '1772359200000000');
INSERT INTO "stories" ("id", "published_id", "opened_at") VALUES ('2', 'urn:road:2', '1772362800000000');
INSERT INTO "stories" ("id", "published_id", "opened_at") VALUES ('4', 'urn:river:2', '1772362800000000');
INSERT INTO "stories" ("id", "published_id", "opened_at") VALUES ('5', 'urn:river:3', '1772366400000000');
SELECT setval('public.subscribers_id_seq', 1, False);
INSERT INTO "tombstones" ("identity") VALUES (E'\\x00000000000000032985911da1d0b7fea96e94fc');
INSERT INTO "articles" ("id", "source_id", "identity", "published_hash", "link_hash", "key", "published_id", "state", "reason", "digest", "topics", "fingerprint", "past_digests", "link", "language", "first_seen", "changed_at", "sort_date", "last_in_document", "published", "updated", "release_at", "edits", "is_picked", "note") VALUES ('3', '1', E'\\x00000000000000017a9643e03cb45d1383f5700d', E'\\x7a9643e03cb45d1383f5700d', E'\\x16896b5d311400c1a960f8e3', 'urn:river:1', 'urn:river:1', 'out', '', '1f63e4274e6ab2404a7c2b7bd7c522b185e5af0f', 'bridges', 'ff5c9f8fee023d92', '', 'http://river.example/1', NULL, '1795444486580962', '1795444486580962', '1772359200000000', '1795444486216275', '1772359200000000', NULL, NULL, '0', 'false', '');
INSERT INTO "articles" ("id", "source_id", "identity", "published_hash", "link_hash", "key", "published_id", "state", "reason", "digest", "topics", "fingerprint", "past_digests", "link", "language", "first_seen", "changed_at", "sort_date", "last_in_document", "published", "updated", "release_at", "edits", "is_picked", "note") VALUES ('1', '2', E'\\x000000000000000297811688f489c1870548497c', E'\\x97811688f489c1870548497c', E'\\x34b3fe681a9e96218f24ad14', 'urn:road:1', 'urn:road:1', 'out', '', '142049acba0fe79c1fb3055306dadeefa078abd0', 'bridges', '213ca1cdd644764b', '', 'http://road.example/1', NULL, '1795444486580962', '1795444486580962', '1772359200000000', '1795444486237184', '1772359200000000', NULL, NULL, '0', 'false', '');
INSERT INTO "articles" ("id", "source_id", "identity", "published_hash", "link_hash", "key", "published_id", "state", "reason", "digest", "topics", "fingerprint", "past_digests", "link", "language", "first_seen", "changed_at", "sort_date", "last_in_document", "published", "updated", "release_at", "edits", "is_picked", "note") VALUES ('2', '2', E'\\x000000000000000270d23d797de69a5678d68e2c', E'\\x70d23d797de69a5678d68e2c', E'\\xe0f8b6993d241137f2a514d6', 'urn:road:2', 'urn:road:2', 'out', '', '2c8b52059404b624d8ae5c510ce024db8de2b7cf', '', '7a7146af67c7f0cd', '', 'http://road.example/2', NULL, '1795444486580962', '1795444486580962', '1772362800000000', '1795444486237184', '1772362800000000', NULL, NULL, '0', 'true', '');
INSERT INTO "articles" ("id", "source_id", "identity", "published_hash", "link_hash", "key", "published_id", "state", "reason", "digest", "topics", "fingerprint", "past_digests", "link", "language", "first_seen", "changed_at", "sort_date", "last_in_document", "published", "updated", "release_at", "edits", "is_picked", "note") VALUES ('5', '1', E'\\x0000000000000001aa2546ad41df56f0e31f5411', E'\\xaa2546ad41df56f0e31f5411', E'\\x78ac9fa6f71fd7bf28b8be51', 'urn:river:3', 'urn:river:3', 'rejected', 'hidden by hand: known to everybody', 'a98e04c0cb549b62ea2fcc48acd4f20712629ca2', '', 'f41936c23091db04', '', 'http://river.example/3', NULL, '1795444486580962', '1795444486580962', '1772366400000000', '1795444486216275', '1772366400000000', NULL, NULL, '0', 'false', '');
INSERT INTO "articles" ("id", "source_id", "identity", "published_hash", "link_hash", "key", "published_id", "state", "reason", "digest", "topics", "fingerprint", "past_digests", "link", "language", "first_seen", "changed_at", "sort_date", "last_in_document", "published", "updated", "release_at", "edits", "is_picked", "note") VALUES ('4', '1', E'\\x00000000000000014f8af586b792aa37b1d5aad0', E'\\x4f8af586b792aa37b1d5aad0', E'\\x9fbe99e259b045ce800e6563', 'urn:river:2', 'urn:river:2', 'out', '', 'c36a514f2b0a92d9a1f23086853917517a55cff3', '', '3e6d1232390de472', '', 'http://river.example/2', NULL, '1795444486580962', '1795444486580962', '1772362800000000', '1795444486216275', '1772362800000000', NULL, NULL, '0', 'false', 'We counted them.');
SELECT setval('public.articles_id_seq', 6, True);
INSERT INTO "feeds" ("id", "kind", "slug", "uid", "version", "source_id", "settings", "position", "is_configured", "is_pending", "last_entered", "changed_at", "recent_from", "look", "archived_to", "archive_count", "span", "is_timed") VALUES ('4', 'own', 'problems', 'urn:uuid:e4aaaab8-df2e-45c3-bf76-e89f797bc5be', 'cae66941d9efbd404e4d88758ea67670', NULL, '{"slug":"problems","title":"Problems","description":"What is wrong with the sources and feeds, as it is noticed and as it ends.","limit":100}', '0', 'true', 'false', '0', NULL, NULL, '', '0', '0', '50', 'false');
INSERT INTO "feeds" ("id", "kind", "slug", "uid", "version", "source_id", "settings", "position", "is_configured", "is_pending", "last_entered", "changed_at", "recent_from", "look", "archived_to", "archive_count", "span", "is_timed") VALUES ('6', 'feed', 'all', 'urn:uuid:75c4f9dd-4dba-4995-9315-a858fa0f7709', 'f9a713921e38913272762490f86a444e', NULL, '{"slug":"all","title":"All","limit":100,"duplicates":"story"}', '1', 'true', 'false', '6', '1795444492371314', '1795271692371314', '', '0', '0', '100', 'false');
INSERT INTO "feeds" ("id", "kind", "slug", "uid", "version", "source_id", "settings", "position", "is_configured", "is_pending", "last_entered", "changed_at", "recent_from", "look", "archived_to", "archive_count", "span", "is_timed") VALUES ('5', 'topic', 'bridges', 'urn:uuid:d9649164-a2a2-4a34-ba0c-709dfc7b59f2', 'c25528c99b4fc99ffccffa6e3b3a1476', NULL, '{"slug":"bridges","title":"Bridges","query":"bridge*"}', '0', 'true', 'false', '2', '1795444486237184', '1795271686237184', '', '0', '0', '50', 'false');
INSERT INTO "feeds" ("id", "kind", "slug", "uid", "version", "source_id", "settings", "position", "is_configured", "is_pending", "last_entered", "changed_at", "recent_from", "look", "archived_to", "archive_count", "span", "is_timed") VALUES ('2', 'source', 'road', 'urn:uuid:f70f87c0-a151-4c9c-8dc0-1a1a3a6b8f07', 'aa1cd5921e6d1105845ab526b8d05e7e', '2', NULL, '1', 'true', 'false', '2', '1795444488033273', '1795271688033273', '6068f23b841bc7d79bb5a75e42bd67ee', '0', '0', '50', 'false');
INSERT INTO "feeds" ("id", "kind", "slug", "uid", "version", "source_id", "settings", "position", "is_configured", "is_pending", "last_entered", "changed_at", "recent_from", "look", "archived_to", "archive_count", "span", "is_timed") VALUES ('1', 'source', 'river', 'urn:uuid:6deba28d-74ec-4d1e-931d-25b849816253', '0d83da3152c2601e5b4c3e1454a2905a', '1', NULL, '0', 'true', 'false', '3', '1795444490558914', '1795271690558914', '1fc0bb4ad9972d41146c17e9987eb68d', '0', '0', '50', 'false');
INSERT INTO "feeds" ("id", "kind", "slug", "uid", "version", "source_id", "settings", "position", "is_configured", "is_pending", "last_entered", "changed_at", "recent_from", "look", "archived_to", "archive_count", "span", "is_timed") VALUES ('7', 'feed', 'inner-circle', 'urn:uuid:ba2ca5d4-a0a5-40a6-aed5-340480731a9d', '7a0b1c17975ab0c8da32bd6f5bc8b512', NULL, '{"slug":"inner-circle","title":"Inner circle","query":"tag:water OR picked:true","access":"token"}', '2', 'true', 'false', '4', '1795444490558914', '1795271690558914', '', '0', '0', '50', 'false');
INSERT INTO "feeds" ("id", "kind", "slug", "uid", "version", "source_id", "settings", "position", "is_configured", "is_pending", "last_entered", "changed_at", "recent_from", "look", "archived_to", "archive_count", "span", "is_timed") VALUES ('3', 'source', 'rail', 'urn:uuid:abc8df43-a6aa-45e2-8683-3cb196f8339e', '4d94867255809af3e79eac7be34bd97c', '3', NULL, '2', 'true', 'false', '1', '1795444492371314', '1795271692371314', 'e32c7dee84b15764ffa899d39636250d', '0', '0', '50', 'false');
SELECT setval('public.feeds_id_seq', 7, True);
SELECT setval('public.inbox_id_seq', 1, False);
SELECT setval('public.mailings_id_seq', 1, False);
INSERT INTO "source_slugs" ("slug", "source_id") VALUES ('river', '1');
INSERT INTO "source_slugs" ("slug", "source_id") VALUES ('road', '2');
INSERT INTO "source_slugs" ("slug", "source_id") VALUES ('rail', '3');
SELECT setval('public.subscriptions_id_seq', 1, False);
INSERT INTO "traces" ("source_id", "trace") VALUES ('1', E'\\x5b2234323932643761633061383336333166222c5b5b2275726e3a72697665723a31222c2231663633653432373465366162323430346137633262376264376335323262313835653561663066222c2230646264383663636135373137303662225d2c5b2275726e3a72697665723a32222c2263333661353134663262306139326439613166323330383638353339313735313761353563666633222c2234303463653033393231346530363465225d2c5b2275726e3a72697665723a33222c2261393865303463306362353439623632656132666363343861636434663230373132363239636132222c2238633062656661356162373561353235225d5d5d');
INSERT INTO "traces" ("source_id", "trace") VALUES ('2', E'\\x5b2265653539373964313039393031326439222c5b5b2275726e3a726f61643a31222c2231343230343961636261306665373963316662333035353330366461646565666130373861626430222c2237666231346639313365373366313461225d2c5b2275726e3a726f61643a32222c2232633862353230353934303462363234643861653563353130636530323464623864653262376366222c2234303631313266323661333261386665225d5d5d');
INSERT INTO "traces" ("source_id", "trace") VALUES ('3', E'\\x5b2263366137303561633438663736333461222c5b5b2275726e3a7261696c3a31222c2264353737653536353561666638373433313831363266386266626531373930303361313464636535222c2235386335666433633234666339306138225d5d5d');
INSERT INTO "bodies" ("article_id", "entry") VALUES ('1', E'\\x28b52ffd604000350700061033215087d60143e3d877a6f1e3938c96242b1ed556451c4600aaff440bc185cccc0c2727002b002800fab1e97c9c54f6007537f5bd20aa37fafda20d0576adc3f9e681338b56ade6f8abf967d7f65b848b9620ada406542a28a9904852b26bdb9d7c70791cc4a1e360033720c872e674bb96691e5cb4f21f3bfe016b6897113295fc50c79e7b288a2deafb73b49bc85c364f19c6cf94b59b273695ef050fe0d9e17864099b7ae1852271736fee44521088a42c4d3186c25be28531e3909283dab5537ae3f5a2855a2bfbe36351080029a382cda982eff6308bd677a0b13200c31a1b329b');
INSERT INTO "bodies" ("article_id", "entry") VALUES ('2', E'\\x28b52ffd20f5e5050092cd2a205047ac03436322196ee0bb4311c3ab9751357a1145d407db4b2407cc6e660643095f9400a6ba25ac1d6a5b590351905e493bd4811d7b209055084b14753e9dcdb8f684e0cf2661c1d30dcce3649cc8817241ad9bb9d07468b6a7c28864850b5a20450272394e9d4f1fd8e55d368c84b105802d1cd4aa2698eeb11a9fae8a7ed159066d680bcaa2e04829c1f9cde3ded36345b32183de8389f3fb51470fba79bae2b6a0e447d6f39b3b42040060c4688e705e860036643601');
INSERT INTO "bodies" ("article_id", "entry") VALUES ('3', E'\\x28b52ffd604b005d0700a6d034215087b801436368af642f41278f9d7ca9b8ce8ca9b21d4dd14acb862b723233832129002d002900f9af496ef81e26b705b29d98df8e97bd60ff96fc1028d37ea2c7836628a28a7d3bfc99fb4899b22b428d082aa2058925a550a9704885c44a4b99723bd09f1641493f50630dda90240c8ad151a60ce78f220adf17ea0f866f8792dd631a268c9ece93c1ec33b9c92e7a4dc26f87737ec766f360d9bd81740feee3653b8adf4609daa466118d00506d2d04b3705bda62965592b2da265a5996d28744a3946984bd705624403185fcefa188060700052346c04a4f0ca3f51d6c2c39904188dc3cc7');
INSERT INTO "bodies" ("article_id", "entry") VALUES ('4', E'\\x28b52ffd601000050700d20e332d80a9e998111d3556183d0616da0424fb16d97daf8988cc6e4b429a2e3b55980ab299b5b664afb4a6687244f612086724096a9ab878cde23d4cc37018cb40e9c527824fdc069414af890e039d5f693b6474b78f4fa38941eeae28384c181a26b3b36eaaf5541b8d44da1c84a4a1ab658d020f92a644eac40266b4ac07bd3bc12eeff27b036f13cc261cb8f0fca8272aabc623bb3b5cbacaac68d0cab27056eb743e75c9eaee564fb549585b455b488868554648a3ed9811e0fcaeaaac91a6ee0e7976819c7ccdc7f991fc410500132c1c1ba76d6006870a2de4e63906');
INSERT INTO "bodies" ("article_id", "entry") VALUES ('5', E'\\x28b52ffd20f9ed0500920d2b215067ac0343c1dc7713fa1449144348af1eb1d8a988a982ff04f270c06ccccc1006075fac316b594861d741718d1994d60e8bf55a1c460170da3665dbc0b0f32b6d0474570b9fbaa920b8ba417bd69609310aa929948a0925dad161b55f33999411bdbac02eeff2421a6409c91296b5eb7cd78fc2e844d0d593a3232459411bc7c150adeffcc403e3d517ccd119bd263d8ad40ed6f41030e0fc8e15d64527ae9ef0ec0138f999d1f90ede20040067cc303f02fa0957e1e68907');
SELECT setval('public.events_id_seq', 1, False);
SELECT setval('public.hub_requests_id_seq', 1, False);
SELECT setval('public.hub_subscriptions_id_seq', 1, False);
INSERT INTO "marks" ("id", "article_id", "kind", "words", "who", "before", "at", "undone_at", "undone_by") VALUES ('1', '2', 'pick', '', 'Ada', '{"state":"out"}', '1795444488033273', NULL, NULL);
INSERT INTO "marks" ("id", "article_id", "kind", "words", "who", "before", "at", "undone_at", "undone_by") VALUES ('2', '5', 'hide', 'known to everybody', 'Ada', '{"state":"out"}', '1795444489383849', NULL, NULL);
INSERT INTO "marks" ("id", "article_id", "kind", "words", "who", "before", "at", "undone_at", "undone_by") VALUES ('3', '4', 'note', 'We counted them.', 'Ada', '{"state":"out"}', '1795444490558914', NULL, NULL);
SELECT setval('public.marks_id_seq', 3, True);
INSERT INTO "placements" ("feed_id", "article_id", "entered", "sort_date", "entered_at", "touched_at", "why") VALUES ('1', '3', '1', '1772359200000000', '1795444486216275', '1772359200000000', 'source: river');
INSERT INTO "placements" ("feed_id", "article_id", "entered", "sort_date", "entered_at", "touched_at", "why") VALUES ('1', '4', '2', '1772362800000000', '1795444486216275', '1772362800000000', 'source: river');
INSERT INTO "placements" ("feed_id", "article_id", "entered", "sort_date", "entered_at", "touched_at", "why") VALUES ('2', '1', '1', '1772359200000000', '1795444486237184', '1772359200000000', 'source: road');
INSERT INTO "placements" ("feed_id", "article_id", "entered", "sort_date", "entered_at", "touched_at", "why") VALUES ('5', '1', '1', '1772359200000000', '1795444486237184', '1772359200000000', 'title: bridge*');
INSERT INTO "placements" ("feed_id", "article_id", "entered", "sort_date", "entered_at", "touched_at", "why") VALUES ('5', '3', '2', '1772359200000000', '1795444486216275', '1772359200000000', 'title: bridge*');
INSERT INTO "placements" ("feed_id", "article_id", "entered", "sort_date", "entered_at", "touched_at", "why") VALUES ('6', '1', '1', '1772359200000000', '1795444486237184', '1772359200000000', 'everything');
INSERT INTO "placements" ("feed_id", "article_id", "entered", "sort_date", "entered_at", "touched_at", "why") VALUES ('6', '3', '2', '1772359200000000', '1795444486216275', '1772359200000000', 'everything');
INSERT INTO "placements" ("feed_id", "article_id", "entered", "sort_date", "entered_at", "touched_at", "why") VALUES ('6', '4', '5', '1772362800000000', '1795444486216275', '1772362800000000', 'everything');
INSERT INTO "placements" ("feed_id", "article_id", "entered", "sort_date", "entered_at", "touched_at", "why") VALUES ('7', '3', '1', '1772359200000000', '1795444486216275', '1772359200000000', 'tag: water');
INSERT INTO "placements" ("feed_id", "article_id", "entered", "sort_date", "entered_at", "touched_at", "why") VALUES ('7', '4', '2', '1772362800000000', '1795444486216275', '1772362800000000', 'tag: water');
INSERT INTO "placements" ("feed_id", "article_id", "entered", "sort_date", "entered_at", "touched_at", "why") VALUES ('6', '2', '4', '1772362800000000', '1795444486237184', '1795444488033273', 'everything');
INSERT INTO "placements" ("feed_id", "article_id", "entered", "sort_date", "entered_at", "touched_at", "why") VALUES ('2', '2', '2', '1772362800000000', '1795444486237184', '1795444488033273', 'source: road');
INSERT INTO "placements" ("feed_id", "article_id", "entered", "sort_date", "entered_at", "touched_at", "why") VALUES ('7', '2', '4', '1772362800000000', '1795444488033273', '1795444488033273', 'picked: true');
INSERT INTO "story_members" ("article_id", "story_id", "text_id", "link_id", "tie", "outlet", "sketch", "link", "score", "at", "revision") VALUES ('1', '1', '1', '1', 'first', 'road', 'old bridge lea shut repairs
divers found crack second pier old bridge lea closed
lea
', 'road.example/1', '0', '1772359200000000', '1');
INSERT INTO "story_members" ("article_id", "story_id", "text_id", "link_id", "tie", "outlet", "sketch", "link", "score", "at", "revision") VALUES ('3', '1', '1', '3', 'text', 'river', 'old bridge lea closed repairs
old bridge lea closed monday divers found crack second pier
lea
', 'river.example/1', '799', '1772359200000000', '1');
INSERT INTO "story_members" ("article_id", "story_id", "text_id", "link_id", "tie", "outlet", "sketch", "link", "score", "at", "revision") VALUES ('2', '2', '2', '2', 'first', 'road', 'toll goes
toll four pounds asked spring
toll
', 'road.example/2', '0', '1772362800000000', '1');
INSERT INTO "story_members" ("article_id", "story_id", "text_id", "link_id", "tie", "outlet", "sketch", "link", "score", "at", "revision") VALUES ('4', '4', '4', '4', 'first', 'river', 'barges wait 40
forty wait patience keeper 桟橋
barges
40', 'river.example/2', '0', '1772362800000000', '1');
INSERT INTO "story_members" ("article_id", "story_id", "text_id", "link_id", "tie", "outlet", "sketch", "link", "score", "at", "revision") VALUES ('5', '5', '5', '5', 'first', 'river', 'high tide thursday
tide tables promise metres

7.1', 'river.example/3', '0', '1772366400000000', '1');
INSERT INTO "tokens" ("id", "feed_id", "name", "hash", "made_at") VALUES ('1', '7', 'Ben', E'\\x07393d9ed4f160589a8f568ecab8504f5823c072ee4d4e8adc554984d7ff3a48', '1795444491406111');
SELECT setval('public.tokens_id_seq', 1, True);
SELECT setval('public.webhook_calls_id_seq', 1, False);
INSERT INTO "alembic_version" ("version_num") VALUES ('0002');
INSERT INTO "article_words" ("article_id", "words") VALUES ('1', '''a'' ''bridge'' ''closed'' ''crack'' ''divers'' ''for'' ''found'' ''in'' ''lea'' ''of'' ''old'' ''over'' ''pier'' ''repairs'' ''second'' ''shut'' ''the'' ''was'' ''which''');
INSERT INTO "article_words" ("article_id", "words") VALUES ('2', '''a'' ''asked'' ''four'' ''from'' ''goes'' ''is'' ''of'' ''pounds'' ''spring'' ''toll'' ''up''');
INSERT INTO "article_words" ("article_id", "words") VALUES ('3', '''a'' ''after'' ''bridge'' ''closed'' ''crack'' ''divers'' ''for'' ''found'' ''in'' ''its'' ''lea'' ''monday'' ''old'' ''on'' ''over'' ''pier'' ''repairs'' ''second'' ''the'' ''was''');
INSERT INTO "article_words" ("article_id", "words") VALUES ('4', '''40'' ''barges'' ''forty'' ''keeper'' ''of'' ''patience'' ''says'' ''the'' ''them'' ''wait'' ''桟'' ''橋''');
INSERT INTO "article_words" ("article_id", "words") VALUES ('5', '''1'' ''7'' ''high'' ''metres'' ''on'' ''promise'' ''tables'' ''the'' ''thursday'' ''tide''');
