# كل نصوص الواجهة بالعربية. الحالة تُغلق والمحادثة تنتهي، ولا يُستبدل أحدهما بالآخر.

the-agent = الموظف
the-bot = الروبوت
you = أنت

chats = المحادثات
add-company = إضافة مركز اتصال
settings = الإعدادات
no-chats = لا توجد محادثات بعد.
companies = بدء محادثة
start-with = بدء محادثة مع { $company }
snippet-from = { $name }: { $text }
snippet-own = أنت: { $text }
snippet-draft = مسودة: { $text }
snippet-picture = صورة
snippet-file = ملف: { $file }
snippet-unsupported = أرسل { $name } شيئًا لا يمكن عرضه هنا
snippet-waiting = { $count } بانتظار الإرسال
snippet-not-sent = لم تُرسل
snippet-perhaps-sent = ربما لم تصل
snippet-case-closed = أُغلقت الحالة
snippet-new = محادثة جديدة
snippet-over-ended_by_me = انتهت المحادثة
snippet-over-ended_by_them = انتهت المحادثة
snippet-over-read_only = للقراءة فقط
snippet-over-expired = انتهت المحادثة
snippet-over-signed_out = تم تسجيل الخروج
snippet-over-signed_in_elsewhere = تم تسجيل الدخول في مكان آخر
snippet-over-lost = لا يمكن استئنافها
unread-badge = { $count } جديدة
unread-many = +99

search = بحث
search-all = البحث في كل المحادثات
search-hint = اكتب للبحث في كل ما قيل في محادثاتك.
search-close = إغلاق البحث
search-clear = مسح البحث
search-nothing = لا نتائج عن «{ $text }».
search-nothing-hint = يجب أن تكون كل الكلمات في الرسالة. جرّب كلمات أقل أو غيرها.
search-found = { $count ->
    [zero] لا رسائل
    [one] رسالة واحدة
    [two] رسالتان
    [few] { $count } رسائل
    [many] { $count } رسالة
   *[other] { $count } رسالة
} في { $chats ->
    [zero] لا محادثات
    [one] محادثة واحدة
    [two] محادثتين
    [few] { $chats } محادثات
    [many] { $chats } محادثة
   *[other] { $chats } محادثة
}
search-found-more = أحدث { $count } رسالة. هناك المزيد: أضف كلمة لتضييق البحث.
find = البحث في هذه المحادثة
find-at = { $at } من { $count }
find-at-more = { $at } من أكثر من { $count }
find-none = لا نتائج
find-older = النتيجة الأقدم
find-newer = النتيجة الأحدث
find-close = إغلاق البحث في هذه المحادثة
found-gone = لم تعد هذه الرسالة هنا.

back-to-chats = العودة إلى المحادثات
more = المزيد
end-chat = إنهاء المحادثة
save-copy = حفظ نسخة
copy-as-html = كصفحة ويب مع الصور
copy-as-text = كنص
copy-as-json = بصيغة JSON للبرامج
hide-window = إخفاء النافذة
header-fresh = محادثة جديدة
header-joining = جارٍ الاتصال…
header-restoring = جارٍ استئناف المحادثة…
header-waiting-agent = بانتظار موظف
header-with-agent = { $name } معك الآن
header-with-bot = أنت مع الروبوت
header-case-closed = أُغلقت الحالة
header-ended = انتهت المحادثة
header-read-only = للقراءة فقط
header-waiting-connection = بانتظار الاتصال بالشبكة
header-lost = غير متصل
demo-note = شركة تجريبية

messages = الرسائل
today = اليوم
yesterday = أمس
older = عرض الرسائل السابقة
older-loading = جارٍ تحميل الرسائل السابقة…
unread-line = { $count ->
    [zero] لا رسائل جديدة
    [one] رسالة جديدة
    [two] رسالتان جديدتان
    [few] { $count } رسائل جديدة
    [many] { $count } رسالة جديدة
   *[other] { $count } رسالة جديدة
}
jump-newest = الأحدث
jump-new = { $count } جديدة
event-joined = انضمّ { $name } { $time }
event-left = غادر { $name } { $time }
event-case-closed = أُغلقت الحالة { $time }
event-unsupported = أرسل { $name } شيئًا لا يمكن عرضه هنا { $time }
end-by-me = أنهيت المحادثة { $time }
end-by-them = أنهى { $name } المحادثة { $time }
end-read-only = للقراءة فقط منذ { $day }
end-expired = أُغلقت في { $day }
bot = روبوت
typing-one = { $name } يكتب
typing-several = عدة أشخاص يكتبون
picture-from = صورة من { $name }
picture-own = صورة منك
picture-on-card = الصورة على البطاقة
picture-open = فتح { $photo }: { $file }
picture-failed = لا يمكن عرض هذه الصورة.
picture-again = عرضها
picture-gone = لم تعد هذه الصورة متاحة.
file-save = حفظ { $file }
file-gone = لم يعد متاحًا
save-as = حفظ باسم…
upload-of = { $sent } من { $total }
upload-name = إرسال { $file }
upload-cancel = إلغاء الرفع
local = ملاحظة
answers = إجابات مقترحة
answers-to = إجابات عن «{ $text }»
questions = أسئلة
send-answers = إرسال الإجابات
questions-closed = أُجيب عن هذه الأسئلة أو لم يعد ذلك ممكنًا.
question-choose = اختر…
question-long = { $count } حرفًا على الأكثر.
question-day = اختر يومًا آخر.
send-choices = { $count ->
    [0] اختر ثم أرسل
    [zero] اختر ثم أرسل
    [one] إرسال اختيار واحد
    [two] إرسال اختيارين
    [few] إرسال { $count } اختيارات
    [many] إرسال { $count } اختيارًا
   *[other] إرسال { $count } اختيار
}
opens-outside = يُفتح خارج Envoi
close = إغلاق

sending = جارٍ الإرسال…
sent-at = أُرسلت { $time }
waiting = بانتظار الإرسال
not-sent = لم تُرسل
retry = إعادة المحاولة
delete = حذف
unsure = لم نتمكن من معرفة ما إذا وصلت هذه الرسالة.
send-again = إرسالها مجددًا
remove = إزالة
sending-slow = لم تُرسل بعد. تبقى كلماتك هنا حتى يتمكن هذا الحاسوب من حفظها.

write-to = اكتب إلى { $company }
write-new-case = اكتب لبدء حالة جديدة
write-offline = اكتب الآن، وتُرسل عند عودة الاتصال
message = الرسالة
attach = إرفاق صورة
attach-file = إرفاق ملف
drop-file-here = أفلت الملف هنا لإرساله
too-long = { $count ->
    [zero] ليس أطول من اللازم.
    [one] أطول من اللازم بحرف واحد.
    [two] أطول من اللازم بحرفين.
    [few] أطول من اللازم بـ { $count } أحرف.
    [many] أطول من اللازم بـ { $count } حرفًا.
   *[other] أطول من اللازم بـ { $count } حرف.
}
file-only-pictures = لا تقبل { $company } إلا الصور.
file-type = لا تقبل { $company } ملفات { $ending }.
file-size = حجم هذا الملف { $size }. تقبل { $company } حتى { $most }.
send = إرسال
drop-here = أفلت الصورة هنا لإرسالها

closing-heading = أغلق { $name } هذه الحالة
closing-text = ما زال بإمكانك الكتابة. رسالتك التالية تبدأ حالة جديدة.
guard-heading = إرسال «{ $text }» كحالة جديدة؟
guard-text = أغلق { $name } هذه الحالة. سيفتح الإرسال حالة جديدة مع أول موظف متاح.
guard-text-unnamed = هذه الحالة مغلقة. سيفتح الإرسال حالة جديدة مع أول موظف متاح.
dont-send = عدم الإرسال
send-anyway = إرسال وبدء حالة جديدة
copy-saved = حُفظت في { $path }

## ما يظهر فوق المحادثة

banner = من الشركة
banner-close = إبعاد
banner-minimise = تصغير
banner-sent = أُرسل
banner-sent-text = لحظة واحدة.
banner-long = يستغرق هذا وقتًا أطول من المعتاد. المحادثة ما زالت مفتوحة.
leaving-heading = جارٍ ترك الموظف…
leaving-text = سيتولى الروبوت الأمر بعد لحظة.
idle-label = هل ما زلت هنا؟
idle = هل ما زلت هنا؟ تنهي { $company } هذه المحادثة إن لم يكتب أحد.
idle-left = بقي { $time }.
stay-on = ما زلت هنا
sign-in-label = تسجيل الدخول
sign-in = تريد { $company } أن تعرف من أنت. سجّل الدخول في المتصفح.
sign-in-open = فتح المتصفح مرة أخرى
sign-in-copy = نسخ العنوان
sign-in-now = تسجيل الدخول
change-name = تغيير اسمي…
change-name-heading = تغيير اسمي
change-name-hint = يظهر هذا الاسم لدى { $company } من الآن.
change-name-now = استخدام هذا الاسم
name-told = جارٍ إبلاغ { $company } باسمك الجديد.
elsewhere-label = هذه المحادثة مفتوحة في مكان آخر
elsewhere = هذه المحادثة مفتوحة في مكان آخر.
go-on-here = المتابعة هنا

## تفاصيل المحادثة

chat-details = من كان هنا
details-failed = لا يمكن قراءة هذا الآن.
details-messages = الرسائل
details-counts = وردت { $received }، أُرسلت { $sent }
details-first = الأولى
details-last = الأخيرة
details-duration = بينهما
details-people = من كان هنا
details-name = الاسم
details-from = من
details-until = حتى
details-unknown = غير معروف

over-ended_by_me-heading = أنهيت هذه المحادثة
over-ended_by_me-text = { $stays }
over-ended_by_them-heading = انتهت المحادثة
over-ended_by_them-text = أنهاها { $name } وقد غادرتها. { $stays }
over-read_only-heading = هذه المحادثة للقراءة فقط
over-read_only-text = تحتفظ بها { $company } لتقرأها. للكتابة من جديد ابدأ محادثة جديدة.
over-expired-heading = بقيت هذه المحادثة صامتة طويلًا
over-expired-text = أغلقتها { $company } في { $day }. كل ما قيل ما زال هنا.
over-signed_out-heading = تم تسجيل خروجك
over-signed_out-text = لا تقبل { $company } شيئًا آخر في هذه المحادثة. كل ما قيل حتى { $time } ما زال هنا، وتبدأ المحادثة الجديدة بتسجيل الدخول.
over-signed_in_elsewhere-heading = سجّلت الدخول في مكان آخر
over-signed_in_elsewhere-text = تستمر هذه المحادثة مع { $company } هناك. كل ما قيل حتى { $time } ما زال هنا.
over-lost-heading = لا يمكن استئناف هذه المحادثة
over-lost-text = لم تعد مفتوحة لدى { $company }. كل ما قيل حتى { $time } ما زال هنا.
start-new = بدء محادثة جديدة
unsent = { $count ->
    [zero] أُرسلت كل الرسائل.
    [one] لم تُرسل رسالة واحدة.
    [two] لم تُرسل رسالتان.
    [few] لم تُرسل { $count } رسائل.
    [many] لم تُرسل { $count } رسالة.
   *[other] لم تُرسل { $count } رسالة.
}
copy-unsent = { $count ->
    [one] نسخها
   *[other] نسخها كلها
}
copied = نُسخت.
stays-kept = ما قيل يبقى على هذا الحاسوب.
stays-days = { $days ->
    [zero] لا يبقى ما قيل على هذا الحاسوب.
    [one] ما قيل يبقى على هذا الحاسوب يومًا واحدًا.
    [two] ما قيل يبقى على هذا الحاسوب يومين.
    [few] ما قيل يبقى على هذا الحاسوب { $days } أيام.
    [many] ما قيل يبقى على هذا الحاسوب { $days } يومًا.
   *[other] ما قيل يبقى على هذا الحاسوب { $days } يوم.
}
stays-quit = ما قيل يبقى هنا حتى يُغلق Envoi.
goes-at-quit = تُحذف هذه المحادثة عند إنهاء Envoi.

end-question = إنهاء هذه المحادثة مع { $company }؟
end-explained = يمكنك بدء محادثة جديدة في أي وقت.
keep-chatting = متابعة المحادثة

delete-chat = حذف هذه المحادثة
delete-chat-ask = حذف هذه المحادثة…
delete-question = حذف هذه المحادثة مع { $company }؟
delete-explained = يُحذف كل ما قيل فيها من هذا الحاسوب. لا يمكن التراجع عن ذلك.
delete-explained-open = تنتهي المحادثة ويُحذف كل ما قيل فيها من هذا الحاسوب. لا يمكن التراجع عن ذلك.
keep-chat = إبقاؤها
deleting = جارٍ الحذف…
say-deleted = حُذفت المحادثة مع { $company }.

hide-heading = يواصل Envoi العمل لتصلك الردود
hide-text = تستمر محادثاتك والنافذة مخفية.
hide-shared-heading = تبقى محادثاتك هنا حتى تنهي Envoi
hide-shared-text = يستطيع من يفتح Envoi على هذا الحاسوب قراءتها. إنهاء Envoi يحذفها.
got-it = حسنًا
quit = إنهاء Envoi

first-heading = كل الشركات التي تكتب إليها في مكان هادئ واحد
first-text = أغلق النافذة أو أعد التشغيل أو افقد الشبكة: تجد محادثاتك هنا حين تعود.
first-demo-heading = جولة أولًا
first-demo-text = تحدّث مع شركة تجريبية على هذا الحاسوب. لا يغادره شيء.
try-demo = تجربة المثال
first-own-heading = استخدم شركتك
first-own-text = تحتاج إلى العنوان والمفتاح اللذين أعطتك إياهما الشركة.

add-intro = تعطيك الشركة هذه البيانات.
service = الخدمة
setting-url = العنوان
setting-base_url = العنوان
setting-address = العنوان
setting-key = المفتاح
setting-api_key = المفتاح
setting-endpoint = نقطة الدخول
setting-service = اسم الخدمة
setting-domain = نطاق المنطقة
setting-deployment_id = معرّف النشر (Deployment ID)
setting-bot = معرّف الروبوت
setting-key_header = ترويسة المفتاح
setting-name = الاسم في قائمتك
setting-name-hint = لا يراه غيرك.
setting-example = مثال: { $example }
optional = اختياري
add-mode = عندما تغلق الشركة حالة
add-mode-open = تبقى المحادثة مفتوحة
add-mode-open-hint = يمكنك الكتابة لاحقًا فتبدأ حالة جديدة.
add-mode-ends = تنتهي المحادثة
cancel = إلغاء
check-and-add = تحقّق وأضف
checking = جارٍ التحقق…
company-ready = { $company } جاهزة.
start-a-chat = بدء محادثة
look-first = تريد أن تلقي نظرة فقط؟
company-saved = حُفظت بيانات { $company }.
change-heading = تعديل { $company }
check-and-save = تحقّق واحفظ
company-menu = تعديل { $company } أو إزالتها
change-company = تعديل مركز الاتصال…
remove-company = إزالة مركز الاتصال…
remove-question = هل تريد إزالة { $company } من قائمتك؟
remove-explained = تبقى محادثاتك معها هنا للقراءة، ولا يمكن الكتابة فيها بعد ذلك. أضفها مرة أخرى فتستمر.
keep-company = إبقاؤها
remove-company-yes = إزالة
say-removed = أُزيلت { $company } من قائمتك.

form-heading = قبل أن نبدأ
form-intro = تطلب { $company } هذا لتجد حسابك.
form-none = اكتب إلى { $company } متى شئت.
start-chat = بدء المحادثة
starting = جارٍ البدء…
form-firstname = الاسم الأول
form-lastname = اسم العائلة
form-nickname = اسمك في المحادثة
form-email = البريد الإلكتروني
form-phone = الهاتف
form-subject = ما الموضوع؟
form-message = رسالتك
fill-firstname = أضف اسمك الأول.
fill-lastname = أضف اسم عائلتك.
fill-nickname = أضف اسمك.
fill-email = أضف بريدك الإلكتروني.
fill-phone = أضف رقم هاتفك.
fill-subject = اذكر الموضوع.
fill-message = اكتب رسالتك.
fill-url = أضف العنوان.
fill-key = أضف المفتاح.
fill-name = أضف اسمًا.
fill-other = املأ هذا الحقل.
bad-email = لا يبدو هذا عنوان بريد إلكتروني.
bad-address = لا يبدو هذا عنوانًا.
gone-company = لم تعد { $company } ضمن مراكز الاتصال لديك، فلا يمكن بدء محادثة جديدة هنا.
shelved-heading = يمكنك قراءة هذه المحادثة فقط
shelved-company_gone = لم تعد { $company } ضمن مراكز الاتصال لديك. كل ما قيل لا يزال هنا. أضِفها من جديد لتتواصل المحادثة.
shelved-company_broken = في إعدادات { $company } خطأ. كل ما قيل لا يزال هنا. صحّح الإعدادات وشغّل Envoi من جديد لتتواصل المحادثة.

notifications = الإشعارات والخصوصية
notification-shows = يعرض الإشعار
notify-company = الشركة فقط
notify-name = الشركة والاسم
notify-full = الشركة والاسم والرسالة
notify-nothing = لا إشعارات
notify-example = مثال على إشعار
notify-example-company = رسالة جديدة
notify-example-name = أجابت مايا
notify-example-full = مايا: سأصحّح الفاتورة الآن
notify-example-none = لا يُعرض شيء. تحمل المحادثات غير المقروءة رقمًا في القائمة.
what-agents-see = ما يراه الموظفون
show-typing = ليرى الموظفون أنك تكتب
show-read = أن يرى الموظفون ما قرأته
on-this-computer = على هذا الحاسوب
keep = حفظ المحادثات
keep-forever = دائمًا
keep-days = { $days ->
    [zero] لا أيام
    [one] يوم واحد
    [two] يومان
    [few] { $days } أيام
    [many] { $days } يومًا
   *[other] { $days } يوم
}
keep-until-quit = حتى أنهي Envoi (حاسوب مشترك)
keep-hint-forever = مشفّرة على هذا الحاسوب حتى تحذفها.
keep-hint-days = مشفّرة على هذا الحاسوب. يُحذف ما هو أقدم.
keep-hint-until_quit = لا يُكتب شيء على القرص. تُحذف المحادثات عند إنهاء Envoi.
keep-limit-days = { $days ->
    [zero] لا تحفظ { $company } المحادثات على هذا الحاسوب.
    [one] تحفظ { $company } المحادثات يومًا واحدًا على الأكثر على هذا الحاسوب.
    [two] تحفظ { $company } المحادثات يومين على الأكثر على هذا الحاسوب.
    [few] تحفظ { $company } المحادثات { $days } أيام على الأكثر على هذا الحاسوب.
    [many] تحفظ { $company } المحادثات { $days } يومًا على الأكثر على هذا الحاسوب.
   *[other] تحفظ { $company } المحادثات { $days } يوم على الأكثر على هذا الحاسوب.
}
keep-limit-quit = تُحذف المحادثات مع { $company } عند إنهاء Envoi.
keep-question-days = { $days ->
    [zero] عدم حفظ المحادثات؟
    [one] حفظ المحادثات يومًا واحدًا فقط؟
    [two] حفظ المحادثات يومين فقط؟
    [few] حفظ المحادثات { $days } أيام فقط؟
    [many] حفظ المحادثات { $days } يومًا فقط؟
   *[other] حفظ المحادثات { $days } يوم فقط؟
}
keep-explained-days = { $days ->
    [zero] يُحذف كل شيء من هذا الحاسوب الآن. لا يمكن التراجع عن ذلك.
    [one] يُحذف الآن من هذا الحاسوب ما هو أقدم من يوم. لا يمكن التراجع عن ذلك.
    [two] يُحذف الآن من هذا الحاسوب ما هو أقدم من يومين. لا يمكن التراجع عن ذلك.
    [few] يُحذف الآن من هذا الحاسوب ما هو أقدم من { $days } أيام. لا يمكن التراجع عن ذلك.
    [many] يُحذف الآن من هذا الحاسوب ما هو أقدم من { $days } يومًا. لا يمكن التراجع عن ذلك.
   *[other] يُحذف الآن من هذا الحاسوب ما هو أقدم من { $days } يوم. لا يمكن التراجع عن ذلك.
}
keep-question-quit = حفظ المحادثات حتى إنهاء Envoi فقط؟
keep-explained-quit = تُحذف كل المحادثات من هذا الحاسوب نهائيًا عند إنهاء Envoi. لا يمكن التراجع عن ذلك.
keep-no = إبقاؤها
keep-yes-days = حذف ما هو أقدم
keep-yes-quit = الحذف عند الإنهاء
appearance = المظهر
theme = الألوان
theme-system = كما في النظام
theme-light = فاتح
theme-dark = داكن
keyboard = لوحة المفاتيح
contact-centres = مراكز الاتصال
no-companies = لا يوجد بعد.
about = حول Envoi
version = الإصدار { $version }
about-text = برنامج محادثة لعملاء مراكز الاتصال، يعرف متى تنتهي المحادثة.

keys = اختصارات لوحة المفاتيح
key-send = إرسال
key-newline = سطر جديد
key-chat-prev-next = المحادثة السابقة / التالية
key-chat-by-place = المحادثة حسب موضعها
key-attach = إرفاق ملف
key-search = البحث في كل المحادثات
key-find = البحث في المحادثة
key-regions = المنطقة التالية / السابقة
key-escape = الإجابة عن سؤال بلا، ثم إلى حقل الكتابة
key-ends = في الرسائل: أقدم المحمّلة / الأحدث
key-arrows = في القائمة أو الرسائل: واحدة لأعلى / لأسفل
key-settings = الإعدادات
key-this = هذه القائمة
key-zoom = أكبر / أصغر / كما كان
key-hide = إخفاء النافذة
key-quit = إنهاء Envoi

next-try = { $seconds ->
    [zero] المحاولة التالية الآن.
    [one] المحاولة التالية بعد ثانية.
    [two] المحاولة التالية بعد ثانيتين.
    [few] المحاولة التالية بعد { $seconds } ثوانٍ.
    [many] المحاولة التالية بعد { $seconds } ثانية.
   *[other] المحاولة التالية بعد { $seconds } ثانية.
}
trying = جارٍ المحاولة…
try-now = المحاولة الآن
goes-out = { $seconds ->
    [zero] تُرسل رسائلك الآن.
    [one] تُرسل رسائلك بعد ثانية.
    [two] تُرسل رسائلك بعد ثانيتين.
    [few] تُرسل رسائلك بعد { $seconds } ثوانٍ.
    [many] تُرسل رسائلك بعد { $seconds } ثانية.
   *[other] تُرسل رسائلك بعد { $seconds } ثانية.
}

fault-offline = أنت غير متصل بالشبكة.
fault-not_answering = لا تجيب { $company }.
fault-service_error = لدى { $company } مشكلة من جانبها.
fault-rate_limited = توقّف الإرسال مؤقتًا.
fault-captive_portal = تطلب هذه الشبكة تسجيل الدخول أولًا. افتح صفحة ويب لذلك.
fault-unreadable_answer = لا يمكن قراءة ما أجابت به { $company }.
fault-answer_too_large = ما أجابت به { $company } أكبر من أن يُقبل.
fault-unsafe_connection = لا يمكن الوثوق بالاتصال بهذا العنوان، لذلك لم يُرسل شيء.
fault-bad_address = لا يبدو هذا عنوانًا يمكن سؤاله.
fault-wrong_key = هذا المفتاح غير مقبول هنا.
fault-unknown_address = لا تجيب أي خدمة محادثة على هذا العنوان.
fault-unknown_endpoint = لا تعرف خدمة المحادثة على هذا العنوان نقطة الدخول هذه.
fault-name_missing = أضف اسمك الأول.
fault-field_missing = ينقص شيء تحتاجه { $company }.
fault-field_bad = لا تستطيع { $company } استخدام ما في هذا الحقل.
fault-sign_in_again = تريد { $company } أن تعرف من جديد من هناك.
fault-sign_in_needed = سجّل الدخول لمتابعة هذه المحادثة.
fault-sign_in_declined = لم تقبل { $company } تسجيل الدخول.
fault-sign_in_unfinished = لم تسجّل الدخول بعد.
fault-sign_in_failed = لا يعمل تسجيل الدخول إلى { $company } على هذا الحاسوب.
fault-chat_gone = لم تعد هذه المحادثة مفتوحة لدى { $company }.
fault-chat_over = انتهت هذه المحادثة.
fault-declined = رفضت { $company } ذلك.
fault-file_type = لا تقبل { $company } هذا النوع من الملفات.
fault-file_size = هذا الملف أكبر مما تقبله { $company }.
fault-file_empty = هذا الملف فارغ.
fault-file_name = لا تقبل { $company } ملفًا بهذا الاسم. غيّر اسمه وأرسله مرة أخرى.
fault-file_count = لا تقبل { $company } مزيدًا من الملفات.
fault-files_waiting = هناك ملفات كثيرة بانتظار الإرسال. أرسل هذا الملف بعد أن تُرسل ملفات أخرى.
fault-agent_needed = يمكن إرسال الملفات عندما يكون موظف من { $company } معك.
fault-message_too_long = هذه الرسالة أطول من أن تُرسل.
fault-service_closed = لا تستقبل هذه الشركة محادثات جديدة الآن. حاول لاحقًا.
fault-open_elsewhere = هذه المحادثة مفتوحة في مكان آخر. هل تريد متابعتها هنا؟
fault-cleared_elsewhere = بتسجيل دخولك هنا أُنهيت محادثتك الأخرى مع { $company }.
fault-unsupported = لا تستطيع { $company } ذلك.
fault-too_late = فات الأوان لذلك.
fault-keyring_locked = مخزن كلمات المرور في نظامك مقفل. تُنسى هذه المحادثة عند إنهاء Envoi ما لم يُفتح.
fault-keyring_missing = لا يوجد مخزن كلمات مرور على هذا الحاسوب، لذلك تُنسى هذه المحادثة عند إنهاء Envoi.
fault-keyring_failed = مخزن كلمات المرور في نظامك لا يعمل، لذلك تُنسى هذه المحادثة عند إنهاء Envoi.
fault-disk_failed = تعذّرت الكتابة على قرص هذا الحاسوب.
fault-perhaps_sent = لم نتمكن من معرفة ما إذا وصلت هذه الرسالة.
fault-archive_damaged = لا يمكن قراءة ما حُفظ على هذا الحاسوب.
fault-already_there = هذا موجود في قائمتك بالفعل.
fault-company_gone = لم تعد { $company } ضمن مراكز الاتصال لديك.
fault-company_broken = في إعدادات { $company } خطأ.
fault-config_broken = في ملف الإعدادات خطأ، فلم يُضف شيء. صحّحه وحاول من جديد.
fault-unknown = حدث شيء غير متوقع.
details = التفاصيل
memory-how = كيف يتغيّر ذلك
memory-how-keyring_locked = افتح مخزن كلمات المرور في إعدادات نظامك ثم تابع الكتابة.
memory-how-keyring_missing = ثبّت مخزن كلمات مرور مثل GNOME Keyring أو KWallet وأعد تشغيل Envoi.
memory-how-keyring_failed = أعد تشغيل النظام أو اسأل من يعتني بهذا الحاسوب.
memory-how-disk_failed = أفرغ سلة المهملات، أو احذف أو انقل ملفات كبيرة لم تعد تحتاجها.
memory-asking = بانتظار مخزن كلمات المرور في نظامك…
memory-shared = تُحذف هذه المحادثة عند إنهاء Envoi.
disk-full = قرص هذا الحاسوب ممتلئ. لا يُرسل شيء حتى تتوفر مساحة، ثم يستمر الإرسال من تلقاء نفسه.
disk-how = كيف تتوفر مساحة
archive-opening = جارٍ فتح محادثاتك…
archive-memory = لا تُحفظ المحادثات
archive-why-keyring_locked = مخزن كلمات المرور في نظامك مقفل، لذلك يُنسى ما يقال عند إنهاء Envoi.
archive-why-keyring_missing = لا يوجد مخزن كلمات مرور على هذا الحاسوب، لذلك يُنسى ما يقال عند إنهاء Envoi.
archive-why-keyring_failed = مخزن كلمات المرور في نظامك لا يعمل، لذلك يُنسى ما يقال عند إنهاء Envoi.
archive-why-disk_failed = لا يمكن الكتابة على قرص هذا الحاسوب، لذلك يُنسى ما يقال عند إنهاء Envoi.
archive-rebuilt = تعذّرت قراءة المحادثات المحفوظة
archive-rebuilt-text = وضع Envoi الملف الذي تعذّرت قراءته جانبًا وبدأ ملفًا جديدًا. تعود المحادثات المفتوحة من الشركات. يُحذف الملف القديم بعد 30 يومًا على الأكثر، أو فور حذفك محادثة.
archive-rebuilt-where = مكان الملف القديم
add-again = إضافتها من جديد
config-heading = جزء من الإعداد لا يمكن استخدامه
config-line = { $file }، السطر { $line }
config-text = كل ما عداه مستخدم.
load-failed = لا يمكن عرض هذه المحادثة.
outside = يعمل Envoi في نافذته الخاصة. شغّل البرنامج لاستخدامه.

say-message = { $name }: { $text }
say-bot = { $name }، روبوت: { $text }
say-picture = أرسل { $name } صورة.
say-file = أرسل { $name } ملفًا: { $file }.
say-unsupported = أرسل { $name } شيئًا لا يمكن عرضه هنا.
say-choices = { $count ->
    [zero] لا إجابات للاختيار.
    [one] إجابة واحدة للاختيار.
    [two] إجابتان للاختيار.
    [few] { $count } إجابات للاختيار.
    [many] { $count } إجابة للاختيار.
   *[other] { $count } إجابة للاختيار.
}
say-file-sent = أُرسل { $file }.
say-upload-cancelled = أُلغي الرفع.
say-too-long = هذا أطول من أن يُرسل.
say-several = { $count ->
    [zero] لا رسائل جديدة من { $name }.
    [one] رسالة جديدة من { $name }.
    [two] رسالتان جديدتان من { $name }.
    [few] { $count } رسائل جديدة من { $name }.
    [many] { $count } رسالة جديدة من { $name }.
   *[other] { $count } رسالة جديدة من { $name }.
}
say-elsewhere = { $count ->
    [zero] { $company }: لا رسائل جديدة.
    [one] { $company }: رسالة جديدة.
    [two] { $company }: رسالتان جديدتان.
    [few] { $company }: { $count } رسائل جديدة.
    [many] { $company }: { $count } رسالة جديدة.
   *[other] { $company }: { $count } رسالة جديدة.
}
say-opened = { $count ->
    [zero] { $company }.
    [one] { $company }. رسالة جديدة.
    [two] { $company }. رسالتان جديدتان.
    [few] { $company }. { $count } رسائل جديدة.
    [many] { $company }. { $count } رسالة جديدة.
   *[other] { $company }. { $count } رسالة جديدة.
}
say-sent = أُرسلت.
say-not-sent = لم تُرسل. زر إعادة المحاولة تحت الرسالة.
say-unsure = لم نتمكن من معرفة ما إذا وصلت رسالة. ما يمكنك فعله تحتها.
say-room = توفرت مساحة من جديد. تُرسل الرسائل.
say-offline = أنت غير متصل بالشبكة. تنتظر الرسائل هنا.
say-not-answering = لا تجيب { $company }. تنتظر الرسائل هنا.
say-back = { $count ->
    [0] عاد الاتصال.
    [one] عاد الاتصال. أُرسلت رسالة.
    [two] عاد الاتصال. أُرسلت رسالتان.
    [few] عاد الاتصال. أُرسلت { $count } رسائل.
   *[other] عاد الاتصال. أُرسلت { $count } رسالة.
}
say-closing = أغلق { $name } هذه الحالة. ما زال بإمكانك الكتابة.
say-two = { $heading }. { $text }
say-offer = { $heading } { $text }
