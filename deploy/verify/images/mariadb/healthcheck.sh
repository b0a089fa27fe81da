#!/bin/bash
# Ready when it answers on TCP: the temporary server of the first start does not.
exec mariadb -h 127.0.0.1 --protocol=tcp --skip-ssl -u healthcheck --connect-timeout=2 -e 'select 1' 2>&1 | grep -qE 'Access denied|1'
