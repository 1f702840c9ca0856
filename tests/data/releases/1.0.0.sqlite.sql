PRAGMA foreign_keys=OFF;
BEGIN;
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
	body BLOB, 
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
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
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
	CONSTRAINT sources_slug_key UNIQUE (slug)
);
CREATE TABLE source_slugs (
	slug TEXT NOT NULL, 
	source_id INTEGER NOT NULL, 
	CONSTRAINT source_slugs_pk PRIMARY KEY (slug), 
	CONSTRAINT source_slugs_source_id_fk FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE
);
CREATE TABLE traces (
	source_id INTEGER NOT NULL, 
	trace BLOB NOT NULL, 
	CONSTRAINT traces_pk PRIMARY KEY (source_id), 
	CONSTRAINT traces_source_id_fk FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE
);
CREATE TABLE problems (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	subject TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	uid TEXT NOT NULL, 
	title TEXT NOT NULL, 
	text TEXT NOT NULL, 
	opened_at BIGINT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	closed_at BIGINT
);
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
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	source_id INTEGER NOT NULL, 
	identity BLOB NOT NULL, 
	published_hash BLOB NOT NULL, 
	link_hash BLOB, 
	"key" TEXT NOT NULL, 
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
	is_picked BOOLEAN DEFAULT 0 NOT NULL, 
	note TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT articles_source_id_fk FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE, 
	CONSTRAINT articles_identity_key UNIQUE (identity), 
	CONSTRAINT articles_published_hash_key UNIQUE (published_hash)
);
CREATE TABLE bodies (
	article_id INTEGER NOT NULL, 
	entry BLOB NOT NULL, 
	CONSTRAINT bodies_pk PRIMARY KEY (article_id), 
	CONSTRAINT bodies_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE TABLE tombstones (
	identity BLOB NOT NULL, 
	CONSTRAINT tombstones_pk PRIMARY KEY (identity)
)
 WITHOUT ROWID

;
CREATE VIRTUAL TABLE article_words USING fts5(words, content='', columnsize=0, detail=none, tokenize="unicode61 remove_diacritics 0 categories 'L* M* N* P* S* C*'");
CREATE TABLE events (
	id INTEGER NOT NULL, 
	article_id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	what TEXT NOT NULL, 
	CONSTRAINT events_pk PRIMARY KEY (id), 
	CONSTRAINT events_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE TABLE marks (
	id INTEGER NOT NULL, 
	article_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	words TEXT NOT NULL, 
	who TEXT NOT NULL, 
	"before" TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	undone_at BIGINT, 
	undone_by TEXT, 
	CONSTRAINT marks_pk PRIMARY KEY (id), 
	CONSTRAINT marks_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE TABLE page_texts (
	article_id INTEGER NOT NULL, 
	link_hash BLOB NOT NULL, 
	body BLOB, 
	host TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	due_at BIGINT, 
	fetched_at BIGINT, 
	tries INTEGER NOT NULL, 
	words INTEGER NOT NULL, 
	CONSTRAINT page_texts_pk PRIMARY KEY (article_id), 
	CONSTRAINT page_texts_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE TABLE stories (
	id INTEGER NOT NULL, 
	published_id TEXT, 
	opened_at BIGINT NOT NULL, 
	CONSTRAINT stories_pk PRIMARY KEY (id)
);
CREATE TABLE story_members (
	article_id INTEGER NOT NULL, 
	story_id INTEGER NOT NULL, 
	text_id INTEGER NOT NULL, 
	link_id INTEGER NOT NULL, 
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
CREATE TABLE story_relations (
	story_id INTEGER NOT NULL, 
	other_id INTEGER NOT NULL, 
	score INTEGER NOT NULL, 
	CONSTRAINT story_relations_pk PRIMARY KEY (story_id, other_id), 
	CONSTRAINT story_relations_story_id_fk FOREIGN KEY(story_id) REFERENCES stories (id) ON DELETE CASCADE, 
	CONSTRAINT story_relations_other_id_fk FOREIGN KEY(other_id) REFERENCES stories (id) ON DELETE CASCADE
);
CREATE TABLE feeds (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	kind TEXT NOT NULL, 
	slug TEXT NOT NULL, 
	uid TEXT NOT NULL, 
	version TEXT NOT NULL, 
	source_id INTEGER, 
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
	is_timed BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT feeds_kind_slug_key UNIQUE (kind, slug), 
	CONSTRAINT feeds_source_id_key UNIQUE (source_id), 
	CONSTRAINT feeds_source_id_fk FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE
);
CREATE TABLE tokens (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	feed_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	hash BLOB NOT NULL, 
	made_at BIGINT NOT NULL, 
	CONSTRAINT tokens_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE, 
	CONSTRAINT tokens_hash_key UNIQUE (hash)
);
CREATE TABLE bylines (
	slug TEXT NOT NULL, 
	article_id INTEGER NOT NULL, 
	sort_date BIGINT NOT NULL, 
	name TEXT NOT NULL, 
	CONSTRAINT bylines_pk PRIMARY KEY (slug, article_id), 
	CONSTRAINT bylines_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE placements (
	feed_id INTEGER NOT NULL, 
	article_id INTEGER NOT NULL, 
	entered BIGINT NOT NULL, 
	sort_date BIGINT NOT NULL, 
	entered_at BIGINT NOT NULL, 
	touched_at BIGINT NOT NULL, 
	why TEXT NOT NULL, 
	CONSTRAINT placements_pk PRIMARY KEY (feed_id, article_id), 
	CONSTRAINT placements_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE, 
	CONSTRAINT placements_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE ranks (
	feed_id INTEGER NOT NULL, 
	article_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	why TEXT NOT NULL, 
	CONSTRAINT ranks_pk PRIMARY KEY (feed_id, article_id), 
	CONSTRAINT ranks_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE, 
	CONSTRAINT ranks_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE TABLE archives (
	feed_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	first BIGINT NOT NULL, 
	last BIGINT NOT NULL, 
	closed_at BIGINT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	changes INTEGER NOT NULL, 
	CONSTRAINT archives_pk PRIMARY KEY (feed_id, number), 
	CONSTRAINT archives_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE revisions (
	article_id INTEGER NOT NULL, 
	replaced_at BIGINT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	sort_date BIGINT NOT NULL, 
	entry BLOB NOT NULL, 
	CONSTRAINT revisions_pk PRIMARY KEY (article_id, replaced_at), 
	CONSTRAINT revisions_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE TABLE withdrawals (
	feed_id INTEGER NOT NULL, 
	article_id INTEGER NOT NULL, 
	published_id TEXT NOT NULL, 
	entered BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT withdrawals_pk PRIMARY KEY (feed_id, article_id), 
	CONSTRAINT withdrawals_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE issues (
	feed_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	uid TEXT NOT NULL, 
	since BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	first BIGINT NOT NULL, 
	last BIGINT NOT NULL, 
	CONSTRAINT issues_pk PRIMARY KEY (feed_id, number), 
	CONSTRAINT issues_feed_id_at_key UNIQUE (feed_id, at), 
	CONSTRAINT issues_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE counters (
	name TEXT NOT NULL, 
	label TEXT NOT NULL, 
	total BIGINT NOT NULL, 
	CONSTRAINT counters_pk PRIMARY KEY (name, label)
)
 WITHOUT ROWID

;
CREATE TABLE turns (
	chore TEXT NOT NULL, 
	taken_at BIGINT NOT NULL, 
	CONSTRAINT turns_pk PRIMARY KEY (chore)
)
 WITHOUT ROWID

;
CREATE TABLE hub_topics (
	feed_id INTEGER NOT NULL, 
	version TEXT NOT NULL, 
	CONSTRAINT hub_topics_pk PRIMARY KEY (feed_id), 
	CONSTRAINT hub_topics_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE
);
CREATE TABLE hub_requests (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	identity BLOB NOT NULL, 
	host TEXT NOT NULL, 
	mode TEXT NOT NULL, 
	callback TEXT NOT NULL, 
	topic TEXT NOT NULL, 
	suffix TEXT NOT NULL, 
	secret TEXT, 
	claim_token TEXT, 
	feed_id INTEGER NOT NULL, 
	lease_s INTEGER NOT NULL, 
	tries INTEGER NOT NULL, 
	due_at BIGINT NOT NULL, 
	claimed_until BIGINT, 
	CONSTRAINT hub_requests_identity_key UNIQUE (identity), 
	CONSTRAINT hub_requests_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE
);
CREATE TABLE hub_subscriptions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	identity BLOB NOT NULL, 
	callback TEXT NOT NULL, 
	host TEXT NOT NULL, 
	topic TEXT NOT NULL, 
	suffix TEXT NOT NULL, 
	version TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	secret TEXT, 
	claim_token TEXT, 
	feed_id INTEGER NOT NULL, 
	expires_at BIGINT, 
	claimed_until BIGINT, 
	due_at BIGINT, 
	delivered_at BIGINT, 
	failures INTEGER NOT NULL, 
	is_slow BOOLEAN NOT NULL, 
	CONSTRAINT hub_subscriptions_identity_key UNIQUE (identity), 
	CONSTRAINT hub_subscriptions_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE
);
CREATE TABLE push_offers (
	source_id INTEGER NOT NULL, 
	topic TEXT NOT NULL, 
	hubs TEXT NOT NULL, 
	is_planned BOOLEAN NOT NULL, 
	CONSTRAINT push_offers_pk PRIMARY KEY (source_id), 
	CONSTRAINT push_offers_source_id_fk FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE
);
CREATE TABLE subscriptions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	source_id INTEGER NOT NULL, 
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
	CONSTRAINT subscriptions_source_id_fk FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE, 
	CONSTRAINT subscriptions_callback_key UNIQUE (callback)
);
CREATE TABLE inbox (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	source_id INTEGER NOT NULL, 
	topic TEXT NOT NULL, 
	content_type TEXT NOT NULL, 
	body BLOB NOT NULL, 
	CONSTRAINT inbox_source_id_fk FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE
);
CREATE TABLE subscribers (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	newsletter TEXT NOT NULL, 
	address TEXT NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	identity BLOB NOT NULL, 
	token TEXT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	asked_at BIGINT, 
	CONSTRAINT subscribers_identity_key UNIQUE (identity), 
	CONSTRAINT subscribers_token_key UNIQUE (token)
);
CREATE TABLE newsletter_editions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	newsletter TEXT NOT NULL, 
	due_at BIGINT NOT NULL, 
	since BIGINT NOT NULL, 
	until BIGINT NOT NULL, 
	CONSTRAINT newsletter_editions_newsletter_due_at_key UNIQUE (newsletter, due_at)
);
CREATE TABLE mailings (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	edition_id INTEGER, 
	subscriber_id INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	due_at BIGINT, 
	tries INTEGER NOT NULL, 
	CONSTRAINT mailings_edition_id_subscriber_id_key UNIQUE (edition_id, subscriber_id), 
	CONSTRAINT mailings_edition_id_fk FOREIGN KEY(edition_id) REFERENCES newsletter_editions (id) ON DELETE CASCADE, 
	CONSTRAINT mailings_subscriber_id_fk FOREIGN KEY(subscriber_id) REFERENCES subscribers (id) ON DELETE CASCADE
);
CREATE TABLE webhooks (
	slug TEXT NOT NULL, 
	feed_id INTEGER NOT NULL, 
	told BIGINT NOT NULL, 
	told_at BIGINT NOT NULL, 
	CONSTRAINT webhooks_pk PRIMARY KEY (slug), 
	CONSTRAINT webhooks_feed_id_fk FOREIGN KEY(feed_id) REFERENCES feeds (id) ON DELETE CASCADE
);
CREATE TABLE webhook_calls (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	webhook TEXT NOT NULL, 
	article_id INTEGER NOT NULL, 
	due_at BIGINT NOT NULL, 
	tries INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	CONSTRAINT webhook_calls_webhook_fk FOREIGN KEY(webhook) REFERENCES webhooks (slug) ON DELETE CASCADE, 
	CONSTRAINT webhook_calls_article_id_fk FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
DELETE FROM "alembic_version";
INSERT INTO "alembic_version" VALUES ('0002');
DELETE FROM "applied";
INSERT INTO "applied" VALUES (1,'47343ec50b38dcabf5b81513e14997d44178587088adf50355b68d5a0f2eff26','vm','{"site":{"title":"The Old Paper","url":"https://old.paper.example","contact":"editor@paper.example","hub":"https://old.paper.example/hub"},"database":"","fetch":{"allow_private":["127.0.0.1:40973"],"spacing_s":0.0},"topics":[{"slug":"bridges","title":"Bridges","query":"bridge*"}],"feeds":[{"slug":"all","title":"All","limit":100,"duplicates":"story"},{"slug":"inner-circle","title":"Inner circle","query":"tag:water OR picked:true","access":"token"}]}','4e8d7231fa81e62a2f19f967fcb34d30',1795444462860906,NULL);
DELETE FROM "source_lists";
DELETE FROM "sources";
INSERT INTO "sources" VALUES (1,'river','http://127.0.0.1:40973/river','{"url":"http://127.0.0.1:40973/river","name":"River","tags":["water"],"initial_items":100}','old.yaml:7','http://127.0.0.1:40973/river','127.0.0.1:40973','every 1 d: the server sends neither ETag nor Last-Modified','River',NULL,'{"title":"river"}','{}','bf37b6c136c6e01560fe59f1d3f59f4c',NULL,NULL,NULL,'http://127.0.0.1:40973/river','efee546c8ae0f7f60cb6ad3bcfd49216','{"learnt_at":1795444464,"since":1772359200,"newest":1772366400,"count":0.103,"recent":0.0,"quarters":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.05,0,0,0,0.05,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"odds":[-0.14,-0.25,0.0,-0.2,-0.2,-0.07],"window":3,"gaps":0,"last_gap":null,"room":0.5}',NULL,NULL,NULL,NULL,NULL,31536000,0,0,0,3,0,1,0,1795444462860906,1795531962378041,1795444463689590,1795444462985286,1795458862985286,NULL,NULL,NULL,NULL,1795444462985286,1795444462985286,0.12438);
INSERT INTO "sources" VALUES (2,'road','http://127.0.0.1:40973/road','{"url":"http://127.0.0.1:40973/road","name":"Road","initial_items":100}','old.yaml:8','http://127.0.0.1:40973/road','127.0.0.1:40973','every 1 d: the server sends neither ETag nor Last-Modified','Road',NULL,'{"title":"road"}','{}','f22ff09882bd764ad21e2f49dea20b3a',NULL,NULL,NULL,'http://127.0.0.1:40973/road','033eb16d8461d1e6437bd4898c26062d','{"learnt_at":1795444464,"since":1772359200,"newest":1772362800,"count":0.051,"recent":0.0,"quarters":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.05,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"odds":[0.0,-0.05,0.0,0.0,0.0,0.0],"window":2,"gaps":0,"last_gap":null,"room":0.5}',NULL,NULL,NULL,NULL,NULL,31536000,1,0,0,2,0,1,0,1795444462860906,1795532091485031,1795444463689590,1795444462988941,1795458862988941,NULL,NULL,NULL,NULL,1795444462988941,1795444462988941,0.128035);
INSERT INTO "sources" VALUES (3,'rail','http://127.0.0.1:40973/rail','{"url":"http://127.0.0.1:40973/rail","name":"Rail","initial_items":100}','old.yaml:9','http://127.0.0.1:40973/rail','127.0.0.1:40973','every 1 d: the server sends neither ETag nor Last-Modified','Rail',NULL,'{"title":"rail"}','{}','5e50a140c73051556b163c54c48e80e2',NULL,NULL,NULL,'http://127.0.0.1:40973/rail','0589530cc856ed4595b11a008777e03d','{"learnt_at":1795444464,"since":1772359200,"newest":1772359200,"count":0.0,"recent":0.0,"quarters":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"odds":[0.0,-0.05,0.0,0.0,0.0,0.0],"window":1,"gaps":0,"last_gap":null,"room":0.5}',NULL,NULL,NULL,NULL,NULL,31536000,2,0,0,1,0,1,0,1795444462860906,1795531740717369,1795444463689590,1795444463685424,1795458863685424,NULL,NULL,NULL,NULL,1795444463685424,1795444463685424,0.824518);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES ('sources',3);
INSERT INTO "sqlite_sequence" VALUES ('feeds',7);
INSERT INTO "sqlite_sequence" VALUES ('articles',6);
INSERT INTO "sqlite_sequence" VALUES ('tokens',1);
DELETE FROM "source_slugs";
INSERT INTO "source_slugs" VALUES ('river',1);
INSERT INTO "source_slugs" VALUES ('road',2);
INSERT INTO "source_slugs" VALUES ('rail',3);
DELETE FROM "traces";
INSERT INTO "traces" VALUES (1,X'5B2234323932643761633061383336333166222C5B5B2275726E3A72697665723A31222C2231663633653432373465366162323430346137633262376264376335323262313835653561663066222C2230646264383663636135373137303662225D2C5B2275726E3A72697665723A32222C2263333661353134663262306139326439613166323330383638353339313735313761353563666633222C2234303463653033393231346530363465225D2C5B2275726E3A72697665723A33222C2261393865303463306362353439623632656132666363343861636434663230373132363239636132222C2238633062656661356162373561353235225D5D5D');
INSERT INTO "traces" VALUES (2,X'5B2265653539373964313039393031326439222C5B5B2275726E3A726F61643A31222C2231343230343961636261306665373963316662333035353330366461646565666130373861626430222C2237666231346639313365373366313461225D2C5B2275726E3A726F61643A32222C2232633862353230353934303462363234643861653563353130636530323464623864653262376366222C2234303631313266323661333261386665225D5D5D');
INSERT INTO "traces" VALUES (3,X'5B2263366137303561633438663736333461222C5B5B2275726E3A7261696C3A31222C2264353737653536353561666638373433313831363266386266626531373930303361313464636535222C2235386335666433633234666339306138225D5D5D');
DELETE FROM "problems";
DELETE FROM "hosts";
DELETE FROM "ledger";
INSERT INTO "ledger" VALUES (20780,'127.0.0.1:40973',3,3,0,1765,0,0,0);
DELETE FROM "robots";
DELETE FROM "articles";
INSERT INTO "articles" VALUES (1,2,X'000000000000000297811688F489C1870548497C',X'97811688F489C1870548497C',X'34B3FE681A9E96218F24AD14','urn:road:1','urn:road:1','out','','142049acba0fe79c1fb3055306dadeefa078abd0','bridges','213ca1cdd644764b','','http://road.example/1',NULL,1795444463689590,1795444463689590,1772359200000000,1795444462988941,1772359200000000,NULL,NULL,0,0,'');
INSERT INTO "articles" VALUES (2,2,X'000000000000000270D23D797DE69A5678D68E2C',X'70D23D797DE69A5678D68E2C',X'E0F8B6993D241137F2A514D6','urn:road:2','urn:road:2','out','','2c8b52059404b624d8ae5c510ce024db8de2b7cf','','7a7146af67c7f0cd','','http://road.example/2',NULL,1795444463689590,1795444463689590,1772362800000000,1795444462988941,1772362800000000,NULL,NULL,0,1,'');
INSERT INTO "articles" VALUES (3,1,X'00000000000000017A9643E03CB45D1383F5700D',X'7A9643E03CB45D1383F5700D',X'16896B5D311400C1A960F8E3','urn:river:1','urn:river:1','out','','1f63e4274e6ab2404a7c2b7bd7c522b185e5af0f','bridges','ff5c9f8fee023d92','','http://river.example/1',NULL,1795444463689590,1795444463689590,1772359200000000,1795444462985286,1772359200000000,NULL,NULL,0,0,'');
INSERT INTO "articles" VALUES (4,1,X'00000000000000014F8AF586B792AA37B1D5AAD0',X'4F8AF586B792AA37B1D5AAD0',X'9FBE99E259B045CE800E6563','urn:river:2','urn:river:2','out','','c36a514f2b0a92d9a1f23086853917517a55cff3','','3e6d1232390de472','','http://river.example/2',NULL,1795444463689590,1795444463689590,1772362800000000,1795444462985286,1772362800000000,NULL,NULL,0,0,'We counted them.');
INSERT INTO "articles" VALUES (5,1,X'0000000000000001AA2546AD41DF56F0E31F5411',X'AA2546AD41DF56F0E31F5411',X'78AC9FA6F71FD7BF28B8BE51','urn:river:3','urn:river:3','rejected','hidden by hand: known to everybody','a98e04c0cb549b62ea2fcc48acd4f20712629ca2','','f41936c23091db04','','http://river.example/3',NULL,1795444463689590,1795444463689590,1772366400000000,1795444462985286,1772366400000000,NULL,NULL,0,0,'');
DELETE FROM "bodies";
INSERT INTO "bodies" VALUES (1,X'28B52FFD604000350700061033215087D60143E3D877A6F1E3938C96242B1ED556451C4600AAFF440BC185CCCC0C2727002B002800FAB1E97C9C54F6007537F5BD20AA37FAFDA20D0576ADC3F9E681338B56ADE6F8ABF967D7F65B848B9620ADA406542A28A9904852B26BDB9D7C70791CC4A1E360033720C872E674BB96691E5CB4F21F3BFE016B6897113295FC50C79E7B288A2DEAFB73B49BC85C364F19C6CF94B59B273695EF050FE0D9E17864099B7AE1852271736FEE44521088A42C4D3186C25BE28531E3909283DAB5537AE3F5A2855A2BFBE36351080029A382CDA982EFF6308BD677A0B13200C31A1B329B');
INSERT INTO "bodies" VALUES (2,X'28B52FFD20F5E5050092CD2A205047AC03436322196EE0BB4311C3AB9751357A1145D407DB4B2407CC6E660643095F9400A6BA25AC1D6A5B590351905E493BD4811D7B209055084B14753E9DCDB8F684E0CF2661C1D30DCCE3649CC8817241AD9BB9D07468B6A7C28864850B5A20450272394E9D4F1FD8E55D368C84B105802D1CD4AA2698EEB11A9FAE8A7ED159066D680BCAA2E04829C1F9CDE3DED36345B32183DE8389F3FB51470FBA79BAE2B6A0E447D6F39B3B42040060C4688E705E860036643601');
INSERT INTO "bodies" VALUES (3,X'28B52FFD604B005D0700A6D034215087B801436368AF642F41278F9D7CA9B8CE8CA9B21D4DD14ACB862B723233832129002D002900F9AF496EF81E26B705B29D98DF8E97BD60FF96FC1028D37EA2C7836628A28A7D3BFC99FB4899B22B428D082AA2058925A550A9704885C44A4B99723BD09F1641493F50630DDA90240C8AD151A60CE78F220ADF17EA0F866F8792DD631A268C9ECE93C1EC33B9C92E7A4DC26F87737EC766F360D9BD81740FEEE3653B8ADF4609DAA466118D00506D2D04B3705BDA62965592B2DA265A5996D28744A3946984BD705624403185FCEFA188060700052346C04A4F0CA3F51D6C2C39904188DC3CC7');
INSERT INTO "bodies" VALUES (4,X'28B52FFD601000050700D20E332D80A9E998111D3556183D0616DA0424FB16D97DAF8988CC6E4B429A2E3B55980AB299B5B664AFB4A6687244F612086724096A9AB878CDE23D4CC37018CB40E9C527824FDC069414AF890E039D5F693B6474B78F4FA38941EEAE28384C181A26B3B36EAAF5541B8D44DA1C84A4A1AB658D020F92A644EAC40266B4AC07BD3BC12EEFF27B036F13CC261CB8F0FCA8272AABC623BB3B5CBACAAC68D0CAB27056EB743E75C9EAEE564FB549585B455B488868554648A3ED9811E0FCAEAAAC91A6EE0E7976819C7CCDC7F991FC410500132C1C1BA76D6006870A2DE4E63906');
INSERT INTO "bodies" VALUES (5,X'28B52FFD20F9ED0500920D2B215067AC0343C1DC7713FA1449144348AF1EB1D8A988A982FF04F270C06CCCCC1006075FAC316B594861D741718D1994D60E8BF55A1C460170DA3665DBC0B0F32B6D0474570B9FBAA920B8BA417BD69609310AA929948A0925DAD161B55F33999411BDBAC02EEFF2421A6409C91296B5EB7CD78FC2E844D0D593A3232459411BC7C150ADEFFCC403E3D517CCD119BD263D8AD40ED6F41030E0FC8E15D64527AE9EF0EC0138F999D1F90EDE20040067CC303F02FA0957E1E68907');
DELETE FROM "tombstones";
INSERT INTO "tombstones" VALUES (X'00000000000000032985911DA1D0B7FEA96E94FC');
DELETE FROM "article_words_data";
INSERT INTO "article_words_data" VALUES (1,X'0548');
INSERT INTO "article_words_data" VALUES (10,X'000000000102020002010101020101');
INSERT INTO "article_words_data" VALUES (137438953473,X'0000018502303105010234300401013705010161010101020466746572030204736B6564020106626172676573040205726964676501020106636C6F736564010202047261636B0102010664697665727301020103666F7201020406676F7474656E0604027479040303756E640102040172020203726F6D020104676F657302010468696768050102696E010202017302020174060301730301066B65657065720401036C656101020203696E650601066D65747265730502056F6E6461790301066E6F626F64790601026F6601010202026C64010202016E030202037665720102010870617469656E6365040203696572010202056F756E6473020206726F6D69736505010972656D656D626572730603057061697273010201047361797304020565636F6E64010202036875740102057072696E670201067461626C657305020268650102010104016D0403067572736461790502036964650502036F6C6C020102757002010477616974040301730102020468696368010103E6A19F040202A98B040404050406070709090A080A070905070406070706040404090706090809070605070B0708090C09070906080908040906060507050706');
INSERT INTO "article_words_data" VALUES (274877906945,X'000000360A30666F72676F7474656E060001026974060001046C696E65060001066E6F626F64790600010972656D656D626572730600040D06080A');
DELETE FROM "article_words_idx";
INSERT INTO "article_words_idx" VALUES (1,X'',2);
INSERT INTO "article_words_idx" VALUES (2,X'',2);
DELETE FROM "article_words_config";
INSERT INTO "article_words_config" VALUES ('version',4);
DELETE FROM "events";
DELETE FROM "marks";
INSERT INTO "marks" VALUES (1,2,'pick','','Ada','{"state":"out"}',1795444466635853,NULL,NULL);
INSERT INTO "marks" VALUES (2,5,'hide','known to everybody','Ada','{"state":"out"}',1795444468974028,NULL,NULL);
INSERT INTO "marks" VALUES (3,4,'note','We counted them.','Ada','{"state":"out"}',1795444471144647,NULL,NULL);
DELETE FROM "page_texts";
DELETE FROM "stories";
INSERT INTO "stories" VALUES (1,'urn:road:1',1772359200000000);
INSERT INTO "stories" VALUES (2,'urn:road:2',1772362800000000);
INSERT INTO "stories" VALUES (4,'urn:river:2',1772362800000000);
INSERT INTO "stories" VALUES (5,'urn:river:3',1772366400000000);
DELETE FROM "story_members";
INSERT INTO "story_members" VALUES (1,1,1,1,'first','road','old bridge lea shut repairs
divers found crack second pier old bridge lea closed
lea
','road.example/1',0,1772359200000000,1);
INSERT INTO "story_members" VALUES (2,2,2,2,'first','road','toll goes
toll four pounds asked spring
toll
','road.example/2',0,1772362800000000,1);
INSERT INTO "story_members" VALUES (3,1,1,3,'text','river','old bridge lea closed repairs
old bridge lea closed monday divers found crack second pier
lea
','river.example/1',799,1772359200000000,1);
INSERT INTO "story_members" VALUES (4,4,4,4,'first','river','barges wait 40
forty wait patience keeper 桟橋
barges
40','river.example/2',0,1772362800000000,1);
INSERT INTO "story_members" VALUES (5,5,5,5,'first','river','high tide thursday
tide tables promise metres

7.1','river.example/3',0,1772366400000000,1);
DELETE FROM "story_relations";
DELETE FROM "feeds";
INSERT INTO "feeds" VALUES (1,'source','river','urn:uuid:97f4afec-7a40-486f-8da8-33a98de7f430','0d83da3152c2601e5b4c3e1454a2905a',1,NULL,0,1,0,3,1795444471144647,1795271671144647,'1fc0bb4ad9972d41146c17e9987eb68d',0,0,50,0);
INSERT INTO "feeds" VALUES (2,'source','road','urn:uuid:8c090d34-f8f4-45e9-9456-68df759fc388','aa1cd5921e6d1105845ab526b8d05e7e',2,NULL,1,1,0,2,1795444466635853,1795271666635853,'6068f23b841bc7d79bb5a75e42bd67ee',0,0,50,0);
INSERT INTO "feeds" VALUES (3,'source','rail','urn:uuid:653dc8f2-70f3-4352-ae76-805f10990ba1','4d94867255809af3e79eac7be34bd97c',3,NULL,2,1,0,1,1795444474416611,1795271674416611,'e32c7dee84b15764ffa899d39636250d',0,0,50,0);
INSERT INTO "feeds" VALUES (4,'own','problems','urn:uuid:75131ec8-0788-41af-b477-93031af61bac','cae66941d9efbd404e4d88758ea67670',NULL,'{"slug":"problems","title":"Problems","description":"What is wrong with the sources and feeds, as it is noticed and as it ends.","limit":100}',0,1,0,0,NULL,NULL,'',0,0,50,0);
INSERT INTO "feeds" VALUES (5,'topic','bridges','urn:uuid:a5f23e0e-20ae-4b92-979c-6605f908151a','c25528c99b4fc99ffccffa6e3b3a1476',NULL,'{"slug":"bridges","title":"Bridges","query":"bridge*"}',0,1,0,2,1795444462988941,1795271662988941,'',0,0,50,0);
INSERT INTO "feeds" VALUES (6,'feed','all','urn:uuid:9bcdc961-a5b3-47e8-9a68-2a6a942b5933','f9a713921e38913272762490f86a444e',NULL,'{"slug":"all","title":"All","limit":100,"duplicates":"story"}',1,1,0,6,1795444474416611,1795271674416611,'',0,0,100,0);
INSERT INTO "feeds" VALUES (7,'feed','inner-circle','urn:uuid:92ae4cff-d83c-451e-8b2c-9ce075cce29f','7a0b1c17975ab0c8da32bd6f5bc8b512',NULL,'{"slug":"inner-circle","title":"Inner circle","query":"tag:water OR picked:true","access":"token"}',2,1,0,4,1795444471144647,1795271671144647,'',0,0,50,0);
DELETE FROM "tokens";
INSERT INTO "tokens" VALUES (1,7,'Ben',X'27B0D6F079C4C71AB36E0722ECC0D589C2CB815CE289CEA84BDC517746DD612E',1795444472664672);
DELETE FROM "bylines";
DELETE FROM "placements";
INSERT INTO "placements" VALUES (1,3,1,1772359200000000,1795444462985286,1772359200000000,'source: river');
INSERT INTO "placements" VALUES (1,4,2,1772362800000000,1795444462985286,1772362800000000,'source: river');
INSERT INTO "placements" VALUES (2,1,1,1772359200000000,1795444462988941,1772359200000000,'source: road');
INSERT INTO "placements" VALUES (2,2,2,1772362800000000,1795444462988941,1795444466635853,'source: road');
INSERT INTO "placements" VALUES (5,1,1,1772359200000000,1795444462988941,1772359200000000,'title: bridge*');
INSERT INTO "placements" VALUES (5,3,2,1772359200000000,1795444462985286,1772359200000000,'title: bridge*');
INSERT INTO "placements" VALUES (6,1,1,1772359200000000,1795444462988941,1772359200000000,'everything');
INSERT INTO "placements" VALUES (6,2,4,1772362800000000,1795444462988941,1795444466635853,'everything');
INSERT INTO "placements" VALUES (6,3,2,1772359200000000,1795444462985286,1772359200000000,'everything');
INSERT INTO "placements" VALUES (6,4,5,1772362800000000,1795444462985286,1772362800000000,'everything');
INSERT INTO "placements" VALUES (7,2,4,1772362800000000,1795444466635853,1795444466635853,'picked: true');
INSERT INTO "placements" VALUES (7,3,1,1772359200000000,1795444462985286,1772359200000000,'tag: water');
INSERT INTO "placements" VALUES (7,4,2,1772362800000000,1795444462985286,1772362800000000,'tag: water');
DELETE FROM "ranks";
DELETE FROM "archives";
DELETE FROM "revisions";
DELETE FROM "withdrawals";
DELETE FROM "issues";
DELETE FROM "counters";
INSERT INTO "counters" VALUES ('articles','new',6);
INSERT INTO "counters" VALUES ('polls','new',3);
DELETE FROM "turns";
DELETE FROM "hub_topics";
DELETE FROM "hub_requests";
DELETE FROM "hub_subscriptions";
DELETE FROM "push_offers";
DELETE FROM "subscriptions";
DELETE FROM "inbox";
DELETE FROM "subscribers";
DELETE FROM "newsletter_editions";
DELETE FROM "mailings";
DELETE FROM "webhooks";
DELETE FROM "webhook_calls";
CREATE INDEX sources_due ON sources (due_at, id) WHERE is_configured = 1 AND is_gone = 0;
CREATE INDEX sources_claimed ON sources (claimed_until, host) WHERE claimed_until IS NOT NULL;
CREATE INDEX sources_unwell ON sources (is_configured, is_gone, failures, failure_kind, last_success) WHERE is_configured = 0 OR is_gone = 1 OR failures > 0 OR failure_kind IS NOT NULL OR last_success IS NULL;
CREATE INDEX source_slugs_source_id ON source_slugs (source_id);
CREATE INDEX problems_of_subject ON problems (subject, kind);
CREATE INDEX problems_newest ON problems (changed_at, id);
CREATE INDEX articles_link_hash ON articles (link_hash);
CREATE INDEX articles_newest ON articles (sort_date, id);
CREATE INDEX articles_of_source ON articles (source_id, sort_date);
CREATE INDEX articles_held ON articles (release_at) WHERE state = 'held';
CREATE INDEX events_article_id ON events (article_id);
CREATE INDEX marks_article_id ON marks (article_id);
CREATE INDEX marks_newest ON marks (at, id);
CREATE INDEX page_texts_due ON page_texts (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX story_members_story_id ON story_members (story_id);
CREATE INDEX story_members_revision ON story_members (revision);
CREATE INDEX feeds_made ON feeds (id) WHERE source_id IS NULL;
CREATE INDEX feeds_changed ON feeds (changed_at, id) WHERE source_id IS NOT NULL;
CREATE INDEX tokens_feed_id ON tokens (feed_id);
CREATE INDEX bylines_article_id ON bylines (article_id);
CREATE INDEX bylines_newest ON bylines (slug, sort_date, article_id);
CREATE INDEX placements_article_id ON placements (article_id);
CREATE INDEX placements_touched ON placements (feed_id, touched_at);
CREATE INDEX placements_entered ON placements (feed_id, entered);
CREATE INDEX placements_newest ON placements (feed_id, sort_date, article_id);
CREATE INDEX ranks_article_id ON ranks (article_id);
CREATE INDEX hub_requests_feed_id ON hub_requests (feed_id);
CREATE INDEX hub_requests_host ON hub_requests (host);
CREATE INDEX hub_requests_due_at ON hub_requests (due_at);
CREATE INDEX hub_subscriptions_expires_at ON hub_subscriptions (expires_at);
CREATE INDEX hub_subscriptions_feed_id ON hub_subscriptions (feed_id);
CREATE INDEX hub_subscriptions_claimed_until ON hub_subscriptions (claimed_until);
CREATE INDEX hub_subscriptions_due ON hub_subscriptions (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX push_offers_is_planned ON push_offers (is_planned);
CREATE INDEX subscriptions_source_id ON subscriptions (source_id);
CREATE INDEX subscriptions_due_at ON subscriptions (due_at);
CREATE INDEX inbox_source_id ON inbox (source_id);
CREATE INDEX subscribers_newsletter ON subscribers (newsletter, state);
CREATE INDEX mailings_edition_id ON mailings (edition_id);
CREATE INDEX mailings_due_at ON mailings (due_at);
CREATE INDEX mailings_subscriber_id ON mailings (subscriber_id);
CREATE INDEX webhooks_feed_id ON webhooks (feed_id);
CREATE INDEX webhook_calls_article_id ON webhook_calls (article_id);
CREATE INDEX webhook_calls_due_at ON webhook_calls (due_at);
CREATE INDEX webhook_calls_webhook ON webhook_calls (webhook);
COMMIT;
