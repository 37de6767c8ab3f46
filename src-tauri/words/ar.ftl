# ما يقوله البرنامج خارج نافذته: الإشعارات وأيقونة النظام وصفحة ما بعد تسجيل الدخول.
new-message = رسالة جديدة
new-messages = { $count ->
    [zero] لا رسائل جديدة
    [one] رسالة جديدة
    [two] رسالتان جديدتان
    [few] { $count } رسائل جديدة
    [many] { $count } رسالة جديدة
   *[other] { $count } رسالة جديدة
}
case-closed = أُغلقت الحالة
chat-ended = انتهت المحادثة
still-there = هل ما زلت هنا؟ ستنتهي هذه المحادثة قريبًا.
picture = صورة
who-of-company = { $who } · { $company }
cannot-start = تعذّر تشغيل Envoi
tray-open = فتح Envoi
tray-quit = إنهاء Envoi
sign-in-done = تم تسجيل دخولك.
sign-in-declined = لم يتم تسجيل دخولك.
sign-in-stray = لا شيء ينتظر هذه الصفحة.
sign-in-close = يمكنك إغلاق هذه النافذة والعودة إلى محادثتك.
