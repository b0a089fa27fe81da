-- Rendered from deploy/topologies/service-per-server.yaml by `npx nakku topology render`. Change that, not this.
-- @..._password@ stands for a password: 10-users.sh fills in what is in the secret of that name.

-- A database each, in which text is compared by its bytes.
CREATE DATABASE IF NOT EXISTS `nakku_payment` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;

-- A user for each service, and the one that changes tables.
CREATE USER IF NOT EXISTS 'nakku_payment'@'%' IDENTIFIED BY '@payment_db_password@';
ALTER USER 'nakku_payment'@'%' IDENTIFIED BY '@payment_db_password@';
CREATE USER IF NOT EXISTS 'nakku_migration'@'%' IDENTIFIED BY '@migration_db_password@';
ALTER USER 'nakku_migration'@'%' IDENTIFIED BY '@migration_db_password@';

-- A service may read and write its own database, and nothing else.
GRANT SELECT, INSERT, UPDATE, DELETE ON `nakku\_payment`.* TO 'nakku_payment'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX ON `nakku\_payment`.* TO 'nakku_migration'@'%';

-- Backups read everything of Nakku, at one moment, with every change since.
CREATE USER IF NOT EXISTS 'nakku_backup'@'%' IDENTIFIED BY '@backup_db_password@';
ALTER USER 'nakku_backup'@'%' IDENTIFIED BY '@backup_db_password@';
GRANT RELOAD, REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO 'nakku_backup'@'%';
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `nakku\_payment`.* TO 'nakku_backup'@'%';
