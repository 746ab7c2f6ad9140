import { GatewayError } from '../errors.ts';
import type { OutgoingMessage } from '../messages/prepare.ts';
import type { AccountView } from '../accounts/account.ts';
import type { OptoutLinks } from '../optouts/optout-links.ts';
import { faultOfLinks, placeholders } from '../optouts/optout-links.ts';
import type { Campaign, CampaignRow } from './campaign.ts';
import { campaignMessageLimits, campaignPriority } from './definition.ts';
import { parseTemplate, personalise } from './personalise.ts';

/**
 * Gives what makes the message of a row of a campaign, as it is to be submitted. Where its text has the place of an
 * opt-out link, each recipient gets his own.
 */
export function messagesOf(
  campaign: Campaign,
  view: AccountView,
  links: Pick<OptoutLinks, 'fill'>,
): (row: CampaignRow) => OutgoingMessage {
  const template = parseTemplate(campaign.text);
  const same = {
    sender: campaign.sender,
    product: campaign.product,
    tags: campaign.tags,
    extras: campaign.extras,
    medium: campaign.medium,
    shorten: campaign.shorten === 1,
    priority: campaignPriority,
    limits: campaignMessageLimits,
  };
  const hasLinks = Object.values(placeholders).some((one) => campaign.text.includes(one));
  return ([, to, ...values]) => {
    const text = personalise(template, values);
    return { ...same, to, text: hasLinks ? links.fill(view, to, text) : text };
  };
}

/**
 * A campaign's text with an opt-out link in each place called `optout`: out of its opt-out tags, or of everything
 * where it has none.
 * @throws GatewayError `invalid_request` for a text with too many links, or one that would lead nowhere.
 */
export function withOptoutLinks(
  text: string,
  tags: readonly string[],
  links: Pick<OptoutLinks, 'template'>,
): string {
  const linked = text.replaceAll(/\{\{\s*optout\s*\}\}/gi, () =>
    links.template(
      placeholders.out,
      tags.map((value) => ({ kind: 'tag', value })),
    ),
  );
  const fault = faultOfLinks(linked);
  if (fault !== undefined) throw new GatewayError('invalid_request', fault, { field: 'text' });
  return linked;
}
