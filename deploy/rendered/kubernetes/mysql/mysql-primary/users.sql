-- Rendered from deploy/topologies/kubernetes.yaml by `npx nakku topology render`. Change that, not this.
-- @..._password@ stands for a password: 10-users.sh fills in what is in the secret of that name.

-- A database each, in which text is compared by its bytes.
CREATE DATABASE IF NOT EXISTS `nakku_user` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
CREATE DATABASE IF NOT EXISTS `nakku_product` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
CREATE DATABASE IF NOT EXISTS `nakku_inventory` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
CREATE DATABASE IF NOT EXISTS `nakku_order` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
CREATE DATABASE IF NOT EXISTS `nakku_cart` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
CREATE DATABASE IF NOT EXISTS `nakku_payment` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
CREATE DATABASE IF NOT EXISTS `nakku_delivery` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
CREATE DATABASE IF NOT EXISTS `nakku_notification` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
CREATE DATABASE IF NOT EXISTS `nakku_location` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
CREATE DATABASE IF NOT EXISTS `nakku_analytics` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;

-- A user for each service, and the one that changes tables.
CREATE USER IF NOT EXISTS 'nakku_user'@'%' IDENTIFIED BY '@user_db_password@';
ALTER USER 'nakku_user'@'%' IDENTIFIED BY '@user_db_password@';
CREATE USER IF NOT EXISTS 'nakku_product'@'%' IDENTIFIED BY '@product_db_password@';
ALTER USER 'nakku_product'@'%' IDENTIFIED BY '@product_db_password@';
CREATE USER IF NOT EXISTS 'nakku_inventory'@'%' IDENTIFIED BY '@inventory_db_password@';
ALTER USER 'nakku_inventory'@'%' IDENTIFIED BY '@inventory_db_password@';
CREATE USER IF NOT EXISTS 'nakku_order'@'%' IDENTIFIED BY '@order_db_password@';
ALTER USER 'nakku_order'@'%' IDENTIFIED BY '@order_db_password@';
CREATE USER IF NOT EXISTS 'nakku_cart'@'%' IDENTIFIED BY '@cart_db_password@';
ALTER USER 'nakku_cart'@'%' IDENTIFIED BY '@cart_db_password@';
CREATE USER IF NOT EXISTS 'nakku_payment'@'%' IDENTIFIED BY '@payment_db_password@';
ALTER USER 'nakku_payment'@'%' IDENTIFIED BY '@payment_db_password@';
CREATE USER IF NOT EXISTS 'nakku_delivery'@'%' IDENTIFIED BY '@delivery_db_password@';
ALTER USER 'nakku_delivery'@'%' IDENTIFIED BY '@delivery_db_password@';
CREATE USER IF NOT EXISTS 'nakku_notification'@'%' IDENTIFIED BY '@notification_db_password@';
ALTER USER 'nakku_notification'@'%' IDENTIFIED BY '@notification_db_password@';
CREATE USER IF NOT EXISTS 'nakku_location'@'%' IDENTIFIED BY '@location_db_password@';
ALTER USER 'nakku_location'@'%' IDENTIFIED BY '@location_db_password@';
CREATE USER IF NOT EXISTS 'nakku_analytics'@'%' IDENTIFIED BY '@analytics_db_password@';
ALTER USER 'nakku_analytics'@'%' IDENTIFIED BY '@analytics_db_password@';
CREATE USER IF NOT EXISTS 'nakku_migration'@'%' IDENTIFIED BY '@migration_db_password@';
ALTER USER 'nakku_migration'@'%' IDENTIFIED BY '@migration_db_password@';

-- A service may read and write its own database, and nothing else.
GRANT SELECT, INSERT, UPDATE, DELETE ON `nakku\_user`.* TO 'nakku_user'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON `nakku\_product`.* TO 'nakku_product'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON `nakku\_inventory`.* TO 'nakku_inventory'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON `nakku\_order`.* TO 'nakku_order'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON `nakku\_cart`.* TO 'nakku_cart'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON `nakku\_payment`.* TO 'nakku_payment'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON `nakku\_delivery`.* TO 'nakku_delivery'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON `nakku\_notification`.* TO 'nakku_notification'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON `nakku\_location`.* TO 'nakku_location'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON `nakku\_analytics`.* TO 'nakku_analytics'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX ON `nakku\_user`.* TO 'nakku_migration'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX ON `nakku\_product`.* TO 'nakku_migration'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX ON `nakku\_inventory`.* TO 'nakku_migration'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX ON `nakku\_order`.* TO 'nakku_migration'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX ON `nakku\_cart`.* TO 'nakku_migration'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX ON `nakku\_payment`.* TO 'nakku_migration'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX ON `nakku\_delivery`.* TO 'nakku_migration'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX ON `nakku\_notification`.* TO 'nakku_migration'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX ON `nakku\_location`.* TO 'nakku_migration'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX ON `nakku\_analytics`.* TO 'nakku_migration'@'%';

-- Backups read everything of Nakku, at one moment, with every change since.
CREATE USER IF NOT EXISTS 'nakku_backup'@'%' IDENTIFIED BY '@backup_db_password@';
ALTER USER 'nakku_backup'@'%' IDENTIFIED BY '@backup_db_password@';
GRANT RELOAD, REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO 'nakku_backup'@'%';
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `nakku\_user`.* TO 'nakku_backup'@'%';
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `nakku\_product`.* TO 'nakku_backup'@'%';
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `nakku\_inventory`.* TO 'nakku_backup'@'%';
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `nakku\_order`.* TO 'nakku_backup'@'%';
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `nakku\_cart`.* TO 'nakku_backup'@'%';
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `nakku\_payment`.* TO 'nakku_backup'@'%';
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `nakku\_delivery`.* TO 'nakku_backup'@'%';
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `nakku\_notification`.* TO 'nakku_backup'@'%';
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `nakku\_location`.* TO 'nakku_backup'@'%';
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `nakku\_analytics`.* TO 'nakku_backup'@'%';

-- Whom replicas sign in as.
CREATE USER IF NOT EXISTS 'nakku_replication'@'%' IDENTIFIED BY '@replication_db_password@';
ALTER USER 'nakku_replication'@'%' IDENTIFIED BY '@replication_db_password@';
GRANT REPLICATION SLAVE ON *.* TO 'nakku_replication'@'%';
