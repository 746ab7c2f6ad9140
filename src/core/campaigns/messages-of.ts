import type { OutgoingMessage } from '../messages/prepare.ts';
import type { Campaign, CampaignRow } from './campaign.ts';
import { campaignMessageLimits, campaignPriority } from './definition.ts';
import { parseTemplate, personalise } from './personalise.ts';

/** Gives what makes the message of a row of a campaign, as it is to be submitted. */
export function messagesOf(campaign: Campaign): (row: CampaignRow) => OutgoingMessage {
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
  return ([, to, ...values]) => ({ ...same, to, text: personalise(template, values) });
}
