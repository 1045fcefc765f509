-- What a database administrator does once, with psql, on an external PostgreSQL (15 or later).
-- The passwords come from the environment: RACCORD_OWNER_PASSWORD, RACCORD_APP_PASSWORD; in an address, so letters,
-- digits, - and _ only. Everything else is done by `raccord migrate`, as the owner.
\set ON_ERROR_STOP on
\getenv owner_password RACCORD_OWNER_PASSWORD
\getenv app_password RACCORD_APP_PASSWORD

-- The owner migrates; the application reads and writes, and cannot pass row-level security by.
CREATE ROLE raccord_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'owner_password';
CREATE ROLE raccord_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'app_password';
CREATE DATABASE raccord OWNER raccord_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE raccord FROM PUBLIC;
GRANT CONNECT ON DATABASE raccord TO raccord_app;

\connect raccord
-- The one extension that an owner may not create: PostgreSQL does not call it trusted. It brings cube.
CREATE EXTENSION earthdistance CASCADE;
