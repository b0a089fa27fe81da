import { api, contract } from '@nakku/rpc';

/** Analytics only listens: nobody asks it for anything but through REST. */
export const analytics = contract('analytics', {});
export class AnalyticsApi extends api(analytics) {}
